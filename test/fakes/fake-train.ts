import { createHash } from 'node:crypto';
import { type Standing, type TrainContract, trainContract } from '../../src-shared/contract/train.ts';
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
  /** The work record as the spool holds it. */
  work(round: number): Uint8Array | null;
  /** What `swarm` left in the spool: the digest of the average. */
  average: Hex | null;
}

export interface FakeTrainOptions {
  readonly hotkey: Ss58;
  readonly consensus: Consensus;
  readonly profileHash: Hex;
  readonly adversary?: 'free-rider';
  readonly norm?: number;
  /** The contract these calls are checked by is the real one. */
  readonly standing?: Standing;
}

export const sha = (...parts: readonly (string | number)[]): Hex =>
  hex(createHash('sha256').update(parts.join('/')).digest('hex'));

export const sketchOf = (round: number, hotkey: Ss58, base: Hex, microBatch: number): number[] =>
  Array.from(
    { length: 20 },
    (_, i) => 1 + Number.parseInt(sha(round, hotkey, base, microBatch, i).slice(0, 6), 16),
  );

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
  let active = true;
  let settledRound = -1;
  const settled: string[] = [];
  const records = new Map<number, Uint8Array>();
  const microBatches = consensus.inner.microBatchesPerStep;

  function record(round: number): WorkRecord {
    const steps = 10;
    const sequences = steps * microBatches * consensus.inner.sequencesPerMicroBatch;
    const sketches = Array.from({ length: microBatches }, (_, i) => {
      const honest = sketchOf(round, hotkey, standing.baseDigest, i);
      return adversary ? honest.map((value, at) => (at % 2 ? value * 9 : -value)) : honest;
    });
    return {
      round,
      hotkey,
      pages: [{ index: 0, sequences, sha256: sha('page') }],
      steps,
      sequences,
      sketches,
    };
  }

  const child = fakeChild<TrainContract>(
    {
      parameters: parameterCount(consensus.model),
      engine: 'fake',
      stepMs: null,
      standing,
      unigramEntropy: null,
      manifest: sha('manifest'),
    },
    {
      setActive: async (params) => {
        active = params.active;
        return undefined;
      },
      openRound: async () => undefined,
      contribute: async ({ round }) => {
        const bytes = new TextEncoder().encode(JSON.stringify(record(round)));
        records.set(round, bytes);
        return {
          root: sha('root', hotkey, round),
          norm: options.norm ?? 1,
          steps: 10,
          sequences: record(round).sequences,
          workDigest: hex(createHash('sha256').update(bytes).digest('hex')),
        };
      },
      prepare: async ({ round, rosterDigest }) => {
        if (!fake.average) throw new AppError('NOT_NOW', { what: 'Preparing', state: 'without an average' });
        const baseDigest = sha('base', standing.baseDigest, fake.average);
        prepared = on(round, resultId(standing.id, round, rosterDigest, baseDigest), baseDigest);
        return { baseDigest, resultId: prepared.id };
      },
      settle: async ({ round, outcome, resultId: id }) => {
        settled.push(`${round} ${outcome}`);
        if (round <= settledRound || id === standing.id) return standing;
        if (outcome === 'committed') {
          if (prepared?.id !== id)
            throw new AppError('NOT_NOW', { what: 'The commit', state: 'not prepared' });
          standing = prepared;
        }
        settledRound = round;
        prepared = null;
        return standing;
      },
      adopt: async ({ round, id, baseDigest }) => {
        standing = on(round, id, baseDigest);
        settledRound = Math.max(settledRound, round);
        return standing;
      },
      recompute: async (asked) => ({
        sketches: asked.microBatches.map((index) =>
          sketchOf(asked.round, asked.hotkey, standing.baseDigest, index),
        ),
      }),
      evaluate: async () => ({ loss: 8 - Math.max(0, standing.round) * 0.1, tokens: 1_000 }),
    },
  );
  const fake: FakeTrain = Object.assign(child, {
    average: null,
    work: (round: number) => records.get(round) ?? null,
    settled,
  }) as never;
  Object.defineProperties(fake, { standing: { get: () => standing }, active: { get: () => active } });
  return fake;
}

export { trainContract };
