import { createHash } from 'node:crypto';
import type { ResultOf } from '../../src-shared/contract/child.ts';
import {
  type Activity,
  type Standing,
  type TrainContract,
  trainContract,
} from '../../src-shared/contract/train.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { genesisId, resultId } from '../../src-shared/rounds/ids.ts';
import type { WorkRecord } from '../../src-shared/spool.ts';
import { type Hex, hex, type Ss58 } from '../../src-shared/units.ts';
import { type FakeChild, fakeChild } from './fake-child.ts';

/**
 * `train` without a model: its base is a digest that every member derives alike from what was averaged, so peers
 * agree or differ exactly where real ones would. Sketches follow from (round, hotkey, base).
 */
export interface FakeTrain extends FakeChild<TrainContract> {
  readonly standing: Standing;
  readonly active: boolean;
  readonly settled: readonly string[];
  /** States that it took over, and what it heard of the rounds between. */
  readonly adopted: readonly { readonly round: number; readonly committed: readonly unknown[] }[];
  /** The work record as the spool holds it. */
  work(round: number): Uint8Array | null;
  /** What `swarm` left in the spool. */
  average: FakeAverage | null;
  /** What it says of the contributions that it is asked to look at, by hotkey; of all others that they help. */
  readonly effects: Map<Ss58, ResultOf<TrainContract, 'effect'>>;
}

export interface FakeAverage {
  readonly round: number;
  readonly rosterDigest: Hex;
  readonly digest: Hex;
}

export interface FakeTrainOptions {
  readonly hotkey: Ss58;
  readonly consensus: Consensus;
  readonly profileHash: Hex;
  readonly adversary?: 'free-rider';
  readonly norm?: number;
  readonly standing?: Standing;
}

/** Inner steps of a round in which training was allowed, unless the profile allows fewer. */
const STEPS = 10;

interface Contributed {
  readonly round: number;
  readonly codec: string;
  readonly answer: ResultOf<TrainContract, 'contribute'>;
}

export const sha = (...parts: readonly (string | number)[]): Hex =>
  hex(createHash('sha256').update(parts.join('/')).digest('hex'));

export const sketchOf = (round: number, hotkey: Ss58, base: Hex, microBatch: number): number[] =>
  Array.from(
    { length: 20 },
    (_, i) => 1 + Number.parseInt(sha(round, hotkey, base, microBatch, i).slice(0, 6), 16),
  );

const notNow = (what: string, state: string) => new AppError('NOT_NOW', { what, state });

export function fakeTrain(options: FakeTrainOptions): FakeTrain {
  const { hotkey, consensus, profileHash, adversary } = options;
  const sizeBytes = parameterCount(consensus.model) * 8;
  const initial = sha('initial weights');
  const on = (round: number, id: Hex, baseDigest: Hex): Standing => ({
    round,
    id,
    baseDigest,
    state: { path: `/fake/${baseDigest}`, sizeBytes, baseDigest },
  });
  let standing = options.standing ?? on(-1, genesisId(profileHash, initial), initial);
  let prepared: Standing | null = null;
  let pending: Contributed | null = null;
  let active = true;
  let settledRound = -1;
  let openRound = -1;
  let steps = 0;
  const settled: string[] = [];
  const adopted: { round: number; committed: readonly unknown[] }[] = [];
  const records = new Map<number, Uint8Array>();
  /** The base on which each round opened. */
  const openings = new Map<number, Hex>();
  const worked = new Set<number>();
  const stepsPerRound = Math.min(STEPS, consensus.inner.maxStepsPerRound);
  const { microBatchesPerStep: microBatches, sequencesPerMicroBatch } = consensus.inner;

  /** The steps of the open round, all at once: as soon as it is open and training may run. */
  function work(): void {
    if (active && openRound >= 0 && !worked.has(openRound))
      child.emit('activity', { kind: 'training', round: openRound });
    takeSteps();
    child.emit('activity', rest());
  }

  const rest = (): Activity => {
    if (!active) return { kind: 'paused' };
    if (openRound < 0) return { kind: 'resting', round: null, steps: 0 };
    return { kind: 'resting', round: openRound, steps: stepsPerRound };
  };

  function takeSteps(): void {
    if (!active || openRound < 0 || worked.has(openRound)) return;
    worked.add(openRound);
    for (let innerStep = 1; innerStep <= stepsPerRound; innerStep++)
      child.emit('step', {
        atMs: steps,
        step: ++steps,
        round: openRound,
        innerStep,
        loss: 8,
        lr: 1e-3,
        gradNorm: 1,
        tokens: microBatches * sequencesPerMicroBatch * consensus.model.context,
        stepMs: 1,
      });
  }

  function record(round: number): WorkRecord {
    // Who is asked without a round having been opened is taken to have worked in it.
    const taken = round === openRound && !worked.has(round) ? 0 : stepsPerRound;
    const sequences = taken * microBatches * sequencesPerMicroBatch;
    const base = openings.get(round) ?? standing.baseDigest;
    const sketches = Array.from({ length: taken > 0 ? microBatches : 0 }, (_, i) => {
      const honest = sketchOf(round, hotkey, base, i);
      return adversary ? honest.map((value, at) => (at % 2 ? value * 9 : -value)) : honest;
    });
    const pages = taken > 0 ? [{ index: 0, sequences, sha256: sha('page') }] : [];
    return { round, hotkey, pages, steps: taken, sequences, sketches };
  }

  function contribute(round: number, codec: string): Contributed {
    const done = record(round);
    const bytes = new TextEncoder().encode(JSON.stringify(done));
    records.set(round, bytes);
    const answer = {
      root: sha('root', hotkey, round),
      norm: options.norm ?? 1,
      steps: done.steps,
      sequences: done.sequences,
      workDigest: hex(createHash('sha256').update(bytes).digest('hex')),
    };
    return { round, codec, answer };
  }

  const child = fakeChild<TrainContract>(
    trainContract,
    {
      parameters: parameterCount(consensus.model),
      engine: 'fake',
      plan: null,
      footprint: { ram: { bytes: 0, freeBytes: null }, disk: { bytes: 0, freeBytes: null } },
      stepMs: null,
      standing,
      computes: 'cpu',
      backend: null,
      unigramEntropy: null,
      manifest: sha('manifest'),
    },
    {
      setActive: async (params) => {
        active = params.active;
        work();
        return undefined;
      },
      setShare: async () => undefined,
      openRound: async ({ round }) => {
        if (round < openRound) throw notNow(`Opening round ${round}`, `round ${openRound}`);
        openRound = round;
        openings.set(round, standing.baseDigest);
        work();
        return undefined;
      },
      contribute: async ({ round, codec }) => {
        if (round <= settledRound || (pending && round < pending.round))
          throw notNow(`A contribution to round ${round}`, 'settled');
        if (pending?.round !== round || pending.codec !== codec) pending = contribute(round, codec);
        return pending.answer;
      },
      prepare: async ({ round, rosterDigest }) => {
        if (round <= settledRound) throw notNow(`Preparing round ${round}`, 'settled');
        const { average } = fake;
        if (average?.round !== round || average.rosterDigest !== rosterDigest)
          throw new AppError('SPOOL_MALFORMED', { round, reason: 'no average of this round and roster' });
        const baseDigest = sha('base', standing.baseDigest, average.digest);
        const resultsDigest = average.digest;
        const id = resultId(standing.id, { round, rosterDigest, resultsDigest, baseDigest });
        prepared = on(round, id, baseDigest);
        return { baseDigest, resultId: id, resultsDigest };
      },
      settle: async ({ round, outcome, resultId: id }) => {
        settled.push(`${round} ${outcome}`);
        if (round <= settledRound || id === standing.id) return standing;
        if (outcome === 'committed') {
          if (prepared?.round !== round || prepared.id !== id)
            throw notNow(`The commit of round ${round}`, 'not prepared');
          standing = prepared;
        }
        settledRound = round;
        prepared = null;
        pending = null;
        return standing;
      },
      adopt: async ({ round, id, baseDigest, committed }) => {
        if (id === standing.id) return standing;
        adopted.push({ round, committed });
        standing = on(round, id, baseDigest);
        settledRound = Math.max(settledRound, round);
        prepared = null;
        pending = null;
        return standing;
      },
      recompute: async (asked) => {
        const beyond = asked.microBatches.find((index) => index >= microBatches);
        if (beyond !== undefined) throw new AppError('RPC_MALFORMED', { method: `micro-batch ${beyond}` });
        const base = openings.get(asked.round) ?? (asked.round > settledRound ? standing.baseDigest : null);
        if (base === null) throw notNow(`Checking round ${asked.round}`, 'past it');
        return {
          sketches: asked.microBatches.map((index) => sketchOf(asked.round, asked.hotkey, base, index)),
        };
      },
      effect: async ({ round, hotkey: of }) => {
        if (!openings.has(round) && round <= settledRound) throw notNow(`Checking round ${round}`, 'past it');
        const assigned = { before: 8, after: 7.5, agreed: 7.7 };
        const random = { before: 8, after: 7.8, agreed: 7.7 };
        return fake.effects.get(of) ?? { kind: 'measured', assigned, random, tokens: 64 };
      },
      sample: async ({ prompt, tokens, seed }) => ({
        round: standing.round,
        prompt: `Words of place ${prompt}`,
        text: ` and ${tokens} more of base ${standing.baseDigest.slice(0, 8)} by seed ${seed}`,
        workMs: 20,
      }),
      evaluate: async ({ windows }) => ({
        loss: 8 - Math.max(0, standing.round) * 0.1,
        tokens: Math.max(1, windows) * consensus.model.context,
      }),
    },
  );
  const fake: FakeTrain = Object.assign(child, {
    average: null,
    effects: new Map(),
    work: (round: number) => records.get(round) ?? null,
    settled,
    adopted,
  }) as never;
  Object.defineProperties(fake, { standing: { get: () => standing }, active: { get: () => active } });
  return fake;
}
