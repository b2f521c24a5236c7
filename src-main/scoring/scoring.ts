import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { Fraud } from '../../src-shared/audit/fraud.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import { address, count, finite } from '../../src-shared/contract/fields.ts';
import type { ScoresView } from '../../src-shared/contract/page/runs.ts';
import type { WeightsPlan } from '../../src-shared/contract/page/weights-plan.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Consensus, ScoreModel } from '../../src-shared/profile/schema.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import { encodeCards } from '../../src-shared/scoring/cards.ts';
import { checksOf } from '../../src-shared/scoring/checks.ts';
import { type WhyCode, whySchema } from '../../src-shared/scoring/why.ts';
import type { AverageManifest } from '../../src-shared/spool.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Chain, Signer } from '../network/chain.ts';
import { bandwidthByChallenge } from './bandwidth-check.ts';
import { openDrawBook } from './draw-book.ts';
import type { EvidenceRow, EvidenceSink, Measured } from './evidence.ts';
import { checkGradient, type GradientCheck } from './gradient-check.ts';
import { hiddenWeightsFile } from './hidden-weights.ts';
import { lastWeightsFile } from './last-weights.ts';
import { CHAIN_READ_LIMIT_MS, EVIDENCE_ROUNDS, SWARM_CALL_LIMIT_MS } from './limits.ts';
import { measureRound } from './measure-round.ts';
import { drawnToRecompute } from './recompute-draw.ts';
import { roundLooks } from './round-looks.ts';
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
  /** A text of the hotkey's scores with its signature behind it. */
  signScores(text: string): string;
  readonly evidence: EvidenceSink;
  /** Holds `scoring/`: the averages, and weights that are still hidden, which must survive a restart. */
  readonly dataDir: string;
  /** The average manifest of a round from the spool; null when there is none. */
  readAverage(round: number): Promise<AverageManifest | null>;
  /** Peers that `swarm` is connected to by now: of these nothing is told again. */
  connected(): readonly Ss58[];
  /** Whether it may set weights now. */
  mayAct(): boolean;
  /** Whether it may look at contributions now: not while the computer is to rest. */
  mayLook(): boolean;
  /** Each check's result, for the roster's weights. */
  checked(hotkey: Ss58, passed: boolean): void;
  /** Whose contributions do harm by what was seen of the newest ones, for the roster's weights. */
  harmful(hotkeys: ReadonlySet<Ss58>): void;
  scores(view: ScoresView): void;
  /** The file of the averages was damaged. */
  told(error: CodedError): void;
  readonly signal: AbortSignal;
  /** Time of day. */
  nowMs(): number;
}

export interface Scoring {
  readonly view: ScoresView;
  /** The weights that would be set now. @throws {AppError} as reads of the chain */
  plan(): Promise<WeightsPlan>;
  /**
   * The roster is known: gradients are checked while `train` still stands on the round's base.
   * @param baseDigest of that base; null where this validator does not stand on it
   */
  beginChecks(round: JudgedRound, baseDigest: Hex | null): void;
  /** Waits for those checks, beginning them if the round had no roster. */
  finishChecks(round: JudgedRound, signal: AbortSignal): Promise<void>;
  /** Scores a round that is over. */
  conclude(round: JudgedRound): Promise<void>;
  stop(): Promise<void>;
}

/** The checks of one round. Once `train` moves to another base, those left over must not run any more. */
interface Checking {
  readonly round: number;
  readonly baseDigest: Hex | null;
  readonly done: Promise<ReadonlyMap<Ss58, GradientCheck>>;
  end(): void;
}

const bookSchema = v.array(
  v.object({
    hotkey: address,
    uid: v.nullable(count),
    total: v.nullable(finite),
    average: v.nullable(finite),
    terms: v.record(v.string(), v.object({ value: v.nullable(finite), why: whySchema })),
    // Not there in a book of before.
    absence: v.optional(v.nullable(whySchema), null),
    readyRound: count,
    challengedRound: v.nullable(count),
    workedBlock: v.optional(v.nullable(count), null),
    checkedBlock: v.optional(v.nullable(count), null),
  }),
);

/** Sketches that are none of the claimed text at the round's base. */
const NOT_ITS_WORK: ReadonlySet<WhyCode> = new Set(['recomputed-disagree', 'sketches-incomparable'] as const);

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
  const last = lastWeightsFile(join(folder, 'last-weights.json'), options.told);
  await Promise.all([hidden.all(), last.read()]);
  let updatedAtMs = nowMs();
  let checking: Checking | null = null;
  let turn: Promise<void> = Promise.resolve();
  const checks = checksOf(consensus.scoreModel);
  const draws = await openDrawBook(join(folder, 'draws.json'), checks, options);
  const { mayLook, harmful } = options;
  const looks = roundLooks({ chain, train, swarm, consensus, book: draws, mayLook, harmful, signal });
  harmful(draws.harmful);
  const connected = new Set<Ss58>(options.connected());
  const frauds = new Map<Ss58, Fraud>();
  const weights = weightsSetter({
    chain,
    signer: options.signer,
    hotkey,
    hidden,
    last,
    evidenceBlocks: EVIDENCE_ROUNDS * consensus.clock.blocksPerRound,
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
    swarm.on('fraud', (fraud) => void frauds.set(fraud.accused, fraud)),
    chain.on('finalized', ({ number }) => {
      if (options.mayAct()) weights.onBlock(number);
    }),
  ];

  const known = await swarm
    .call('frauds', undefined, withLimit(signal, SWARM_CALL_LIMIT_MS))
    .catch((): Fraud[] => []);
  for (const fraud of known) if (!frauds.has(fraud.accused)) frauds.set(fraud.accused, fraud);

  function viewNow(): ScoresView {
    const all = cardsOf(book, consensus);
    const mine = all.find((card) => card.hotkey === hotkey) ?? null;
    const { scoreModel: model } = consensus;
    const own = { weights: weights.state, checking: draws.cost };
    return { model, validator: hotkey, updatedAtMs, mine, all, ...own };
  }

  /** One after another: `train` has one engine, and all checks have the same time. */
  async function checkAll(round: JudgedRound, until: AbortSignal): Promise<ReadonlyMap<Ss58, GradientCheck>> {
    const found = new Map<Ss58, GradientCheck>();
    const parts = { swarm, train, consensus, random: randomInt, cost: draws.spent };
    const drawn = await drawnToRecompute(chain, checks, round, until).catch((error: unknown) => {
      if (!until.aborted) console.error('nobody was drawn to be checked', round.round, error);
      return [];
    });
    for (const ready of drawn) {
      try {
        const check = await checkGradient(parts, ready, round.blockHash, until);
        found.set(ready.hotkey, check);
        options.checked(ready.hotkey, (check.gradient.value ?? 0) > 0);
        // It has no weight then and is not looked at: what it does for the run is known without (decision 105).
        if (NOT_ITS_WORK.has(check.gradient.why.code))
          await draws.draw(ready.hotkey, round.round, { helped: false, harmed: false });
      } catch (error) {
        // Our own recomputation failed: nothing was learned of the miner.
        if (until.aborted) break;
        console.error('gradient check failed', ready.hotkey, error);
      }
    }
    return found;
  }

  function beginChecks(round: JudgedRound, baseDigest: Hex | null): void {
    if (checking?.round === round.round) return;
    // An exchange begins: nothing is fetched beside it.
    looks.end();
    const ending = new AbortController();
    const done = checkAll(round, AbortSignal.any([signal, ending.signal]));
    checking = { round: round.round, baseDigest, done, end: () => ending.abort() };
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
        frauds,
        drawsOf: draws.of,
        looks: looks.taken(),
        bound: new Set([...connected, ...round.readies.map((ready) => ready.hotkey)]),
      },
      (peer) => bandwidthByChallenge(swarm, peer, consensus.scoreModel.bandwidth, signal),
    );
    book = scoreRound(book, consensus, { round: round.round, block: chain.finalized?.number ?? 0 }, scores);
    updatedAtMs = nowMs();
    await file.write([...book.values()]);
    options.evidence.keep(evidenceOf(scores, consensus.scoreModel, round.round, updatedAtMs));
    weights.offer([...book.values()]);
    options.scores(viewNow());
    await publish(round.round);
  }

  const receiptsOf = (round: number) =>
    swarm.call('receipts', { round }, withLimit(signal, SWARM_CALL_LIMIT_MS)).catch(() => []);

  async function publish(round: number): Promise<void> {
    const cards = cardsOf(book, consensus);
    const json = options.signScores(encodeCards({ validator: hotkey, round, updatedAtMs, cards }));
    await swarm.call('offerScores', { json }, withLimit(signal, SWARM_CALL_LIMIT_MS));
  }

  return {
    get view() {
      return viewNow();
    },
    plan: weights.plan,
    beginChecks,
    async finishChecks(round, limit) {
      beginChecks(round, null);
      const end = () => checking?.end();
      limit.addEventListener('abort', end, { once: true });
      if (limit.aborted) end();
      await checking?.done;
      limit.removeEventListener('abort', end);
    },
    conclude(round) {
      // Taken now: by the time it is this round's turn, the checks of the next one may have begun.
      const checked = checking?.round === round.round ? checking : null;
      looks.begin(round, checked?.baseDigest ?? null);
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
      await Promise.allSettled([turn, checking?.done, looks.idle(), weights.settled()]);
    },
  };
}

/** One row per term that was measured, with what it rests on, and one for each part of a round without work. */
function evidenceOf(
  scores: readonly RoundScore[],
  { parts }: ScoreModel,
  round: number,
  atMs: number,
): readonly EvidenceRow[] {
  return scores.flatMap(({ hotkey, terms, absence }) => {
    const missed = absence ? parts.map(({ term }) => [term, { value: 0, why: absence }] as const) : [];
    const found: Readonly<Record<string, Measured>> = { ...terms, ...Object.fromEntries(missed) };
    return Object.entries(found).map(([term, { value, why, detail }]) => ({
      ...{ atMs, round, hotkey, term, value, why },
      detail: JSON.stringify(detail ?? {}),
    }));
  });
}
