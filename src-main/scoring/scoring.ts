import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import { address, count, finite } from '../../src-shared/contract/fields.ts';
import type { ScoresView } from '../../src-shared/contract/page/runs.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import { encodeCards } from '../../src-shared/scoring/cards.ts';
import { whySchema } from '../../src-shared/scoring/why.ts';
import type { AverageManifest } from '../../src-shared/spool.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Chain, Signer } from '../network/chain.ts';
import { bandwidthByChallenge } from './bandwidth-check.ts';
import type { EvidenceRow, EvidenceSink } from './evidence.ts';
import { checkGradient, type GradientCheck } from './gradient-check.ts';
import { hiddenWeightsFile } from './hidden-weights.ts';
import { CHAIN_READ_LIMIT_MS, SWARM_CALL_LIMIT_MS } from './limits.ts';
import { measureRound } from './measure-round.ts';
import { cardsOf, type RoundScore, type ScoreBook, type ScoreEntry, scoreRound } from './score-book.ts';
import { weightsSetter } from './weights-setter.ts';

export interface ScoringOptions {
  readonly chain: Chain;
  readonly train: ChildClient<TrainContract>;
  readonly swarm: ChildClient<SwarmContract>;
  readonly consensus: Consensus;
  /** The validator's own. */
  readonly hotkey: Ss58;
  readonly signer: Signer;
  readonly evidence: EvidenceSink;
  /** Holds `scoring/`: the averages, and weights that are still hidden, which must survive a restart. */
  readonly dataDir: string;
  /** The average manifest of a round from the spool; null when there is none. */
  readAverage(round: number): Promise<AverageManifest | null>;
  /** Whether it may set weights now. */
  mayAct(): boolean;
  /** Each check's result, for the roster's weights. */
  checked(hotkey: Ss58, passed: boolean): void;
  scores(view: ScoresView): void;
  /** The file of the averages was damaged. */
  told(error: CodedError): void;
  readonly signal: AbortSignal;
  /** Time of day. */
  nowMs(): number;
}

export interface Scoring {
  readonly view: ScoresView;
  /** The roster is known: gradients are checked while `train` still stands on the round's base. */
  beginChecks(round: JudgedRound): void;
  /** Waits for those checks, beginning them if the round had no roster. */
  finishChecks(round: JudgedRound, signal: AbortSignal): Promise<void>;
  /** Scores a round that is over. */
  conclude(round: JudgedRound): Promise<void>;
  stop(): Promise<void>;
}

/** The checks of one round. Once `train` moves to another base, those left over must not run any more. */
interface Checking {
  readonly round: number;
  readonly done: Promise<ReadonlyMap<Ss58, GradientCheck>>;
  end(): void;
}

const bookSchema = v.array(
  v.object({
    hotkey: address,
    uid: count,
    total: v.nullable(finite),
    average: v.nullable(finite),
    terms: v.record(v.string(), v.object({ value: v.nullable(finite), why: whySchema })),
    readyRound: count,
    challengedRound: v.nullable(count),
  }),
);

/** The validator's judgement: checks each round, keeps averages and evidence, sets weights. */
export async function startScoring(options: ScoringOptions): Promise<Scoring> {
  const { chain, train, swarm, consensus, hotkey } = options;
  const { nowMs } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const folder = join(options.dataDir, 'scoring');
  await mkdir(folder, { recursive: true });
  const file = durableJson({ path: join(folder, 'book.json'), schema: bookSchema, told: options.told });
  const kept = (await file.read()) ?? [];
  let book: ScoreBook = new Map(kept.map((entry): [Ss58, ScoreEntry] => [entry.hotkey, entry]));
  const hidden = hiddenWeightsFile(join(folder, 'hidden-weights.json'), options.told);
  await hidden.all();
  let updatedAtMs = nowMs();
  let checking: Checking | null = null;
  let turn: Promise<void> = Promise.resolve();
  const connected = new Set<Ss58>();
  const weights = weightsSetter({
    chain,
    signer: options.signer,
    hotkey,
    hidden,
    signal,
    problem: options.told,
    onState: () => options.scores(viewNow()),
  });
  weights.offer([...book.values()]);

  const unsubscribe = [
    swarm.on('peer', (peer) => {
      if (peer.connected) connected.add(peer.hotkey);
      else connected.delete(peer.hotkey);
    }),
    chain.on('finalized', ({ number }) => {
      if (options.mayAct()) weights.onBlock(number);
    }),
  ];

  function viewNow(): ScoresView {
    const all = cardsOf(book, consensus);
    const mine = all.find((card) => card.hotkey === hotkey) ?? null;
    return { model: consensus.scoreModel, validator: hotkey, updatedAtMs, mine, all, weights: weights.state };
  }

  /** One after another: `train` has one engine, and all checks have the same time. */
  async function checkAll(round: JudgedRound, until: AbortSignal): Promise<ReadonlyMap<Ss58, GradientCheck>> {
    const found = new Map<Ss58, GradientCheck>();
    for (const ready of round.readies.filter(({ weight }) => weight > 0)) {
      const parts = { swarm, train, consensus, random: randomInt };
      try {
        const check = await checkGradient(parts, ready, round.blockHash, until);
        found.set(ready.hotkey, check);
        options.checked(ready.hotkey, (check.gradient.value ?? 0) > 0);
      } catch (error) {
        // Our own recomputation failed: nothing was learned of the miner.
        if (until.aborted) break;
        console.error('gradient check failed', ready.hotkey, error);
      }
    }
    return found;
  }

  function beginChecks(round: JudgedRound): void {
    if (checking?.round === round.round) return;
    const ending = new AbortController();
    const done = checkAll(round, AbortSignal.any([signal, ending.signal]));
    checking = { round: round.round, done, end: () => ending.abort() };
  }

  async function score(round: JudgedRound, checked: Checking | null): Promise<void> {
    const limit = () => withLimit(signal, CHAIN_READ_LIMIT_MS);
    const checks = checked ? await checked.done : new Map();
    const [neurons, subnet] = await Promise.all([
      chain.metagraph(null, limit()),
      chain.subnet(null, limit()),
    ]);
    const scores = await measureRound(
      consensus,
      book,
      {
        round,
        neurons,
        validator: hotkey,
        epochBlocks: subnet.tempo + 1,
        checks,
        receipts: round.roster ? await receiptsOf(round.round) : [],
        manifest: round.roster ? await options.readAverage(round.round).catch(() => null) : null,
        bound: new Set([...connected, ...round.readies.map((ready) => ready.hotkey)]),
      },
      (peer) => bandwidthByChallenge(swarm, peer, consensus.scoreModel.bandwidth, signal),
    );
    book = scoreRound(book, consensus, round.round, scores);
    updatedAtMs = nowMs();
    await file.write([...book.values()]);
    options.evidence.keep(evidenceOf(scores, round.round, updatedAtMs));
    weights.offer([...book.values()]);
    options.scores(viewNow());
    await publish(round.round);
  }

  const receiptsOf = (round: number) =>
    swarm.call('receipts', { round }, withLimit(signal, SWARM_CALL_LIMIT_MS)).catch(() => []);

  async function publish(round: number): Promise<void> {
    const cards = cardsOf(book, consensus);
    const json = encodeCards({ validator: hotkey, round, updatedAtMs, cards });
    await swarm.call('offerScores', { json }, withLimit(signal, SWARM_CALL_LIMIT_MS));
  }

  return {
    get view() {
      return viewNow();
    },
    beginChecks,
    async finishChecks(round, limit) {
      beginChecks(round);
      const end = () => checking?.end();
      limit.addEventListener('abort', end, { once: true });
      if (limit.aborted) end();
      await checking?.done;
      limit.removeEventListener('abort', end);
    },
    conclude(round) {
      // Taken now: by the time it is this round's turn, the checks of the next one may have begun.
      const checked = checking?.round === round.round ? checking : null;
      turn = turn
        .then(() => score(round, checked))
        .catch((error: unknown) => {
          if (!signal.aborted) console.error('scoring failed', round.round, error);
        });
      return turn;
    },
    async stop() {
      stopping.abort();
      for (const off of unsubscribe) off();
      await Promise.allSettled([turn, checking?.done, weights.settled()]);
    },
  };
}

/** One row per term that was measured, with what it rests on. */
function evidenceOf(scores: readonly RoundScore[], round: number, atMs: number): readonly EvidenceRow[] {
  return scores.flatMap(({ hotkey, uid, terms }) =>
    Object.entries(terms).map(([term, { value, why, detail }]) => ({
      atMs,
      round,
      hotkey,
      uid,
      term,
      value,
      why,
      detail: JSON.stringify(detail ?? {}),
    })),
  );
}
