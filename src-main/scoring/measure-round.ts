import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import type { Receipt } from '../../src-shared/rounds/messages.ts';
import { returnedShares, takenShares } from '../../src-shared/scoring/all-reduce.ts';
import { stepsScores } from '../../src-shared/scoring/steps.ts';
import { why } from '../../src-shared/scoring/why.ts';
import type { AverageManifest } from '../../src-shared/spool.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Neuron } from '../network/chain.ts';
import { bandwidthFromReceipts, withReturned } from './bandwidth-check.ts';
import type { Measured } from './evidence.ts';
import type { GradientCheck } from './gradient-check.ts';
import { CHALLENGE_EVERY_ROUNDS } from './limits.ts';
import type { RoundScore, ScoreBook } from './score-book.ts';

/** All that is known of a round when it is scored. */
export interface RoundFindings {
  readonly round: JudgedRound;
  readonly neurons: readonly Neuron[];
  readonly validator: Ss58;
  /** Blocks of a chain epoch. */
  readonly epochBlocks: number;
  readonly checks: ReadonlyMap<Ss58, GradientCheck>;
  readonly receipts: readonly Receipt[];
  readonly manifest: AverageManifest | null;
  /** Hotkeys whose peer binding was seen: connected, or heard in this round. */
  readonly bound: ReadonlySet<Ss58>;
}

/** Asked only for hotkeys whose rate the receipts do not show. */
export type Challenge = (hotkey: Ss58) => Promise<Measured>;

/** Every term of every miner that this round says something about. */
export async function measureRound(
  consensus: Consensus,
  book: ScoreBook,
  found: RoundFindings,
  challenge: Challenge,
): Promise<readonly RoundScore[]> {
  const steps = stepsOf(consensus, found);
  const scores: RoundScore[] = [];
  for (const neuron of minersOf(book, found))
    scores.push(await measureOne(consensus, book, found, steps, neuron, challenge));
  return scores;
}

/** Registered hotkeys that work or have worked; validators do not score each other. */
function minersOf(book: ScoreBook, { neurons, round, validator }: RoundFindings): readonly Neuron[] {
  const working = new Set(round.readies.filter(({ weight }) => weight > 0).map(({ hotkey }) => hotkey));
  return neurons.filter(
    ({ hotkey }) =>
      hotkey !== validator && !round.witnesses.includes(hotkey) && (working.has(hotkey) || book.has(hotkey)),
  );
}

/** Only what a check supports is counted, so that a claim nobody looked at moves no one's steps. */
function stepsOf(consensus: Consensus, { round, checks }: RoundFindings): ReadonlyMap<Ss58, number> {
  const claims = round.readies
    .filter(({ weight }) => weight > 0)
    .flatMap(({ hotkey }) => {
      const check = checks.get(hotkey);
      if (!check) return [];
      const sequences = Math.min(check.sequences, mostSequences(consensus));
      return [{ hotkey, sequences, gradient: check.gradient.value ?? 0 }];
    });
  return stepsScores(claims);
}

/** What a round of full inner steps trains on. */
const mostSequences = ({ inner }: Consensus): number =>
  inner.maxStepsPerRound * inner.microBatchesPerStep * inner.sequencesPerMicroBatch;

async function measureOne(
  consensus: Consensus,
  book: ScoreBook,
  found: RoundFindings,
  steps: ReadonlyMap<Ss58, number>,
  { hotkey, uid }: Neuron,
  challenge: Challenge,
): Promise<RoundScore> {
  const { round } = found;
  const known = book.get(hotkey);
  const ready = round.readies.some((said) => said.hotkey === hotkey && said.weight > 0);
  const base = { hotkey, uid, ready, challenged: false };
  const identity: Measured = found.bound.has(hotkey)
    ? { value: 1, why: why('registered-and-bound') }
    : { value: 0, why: why('no-peer-speaks') };
  if (!ready) {
    const missedBlocks = (round.round - (known?.readyRound ?? round.round)) * consensus.clock.blocksPerRound;
    if (missedBlocks <= found.epochBlocks) return { ...base, scored: false, terms: {} };
    return { ...base, scored: true, terms: { identity, ...absent } };
  }
  const bandwidth = await bandwidthOf(consensus, book, found, hotkey, challenge);
  const gradient = found.checks.get(hotkey)?.gradient;
  const terms: Record<string, Measured> = { identity, ...allReduceOf(found, hotkey) };
  if (gradient) terms.gradient = gradient;
  const trained = stepsTerm(found, hotkey, steps.get(hotkey) ?? 0);
  if (trained) terms.steps = trained;
  if (bandwidth.measured) terms.bandwidth = bandwidth.measured;
  return { ...base, scored: true, challenged: bandwidth.challenged, terms };
}

/** Absent is not present: who has not been ready for a whole epoch has done nothing in it. */
const absent: Readonly<Record<string, Measured>> = {
  gradient: { value: 0, why: why('absent-for-an-epoch') },
  steps: { value: 0, why: why('absent-for-an-epoch') },
  allReduce: { value: 0, why: why('absent-for-an-epoch') },
};

/** null without a check: the last term stays. */
function stepsTerm({ checks, round }: RoundFindings, hotkey: Ss58, value: number): Measured | null {
  const sequences = checks.get(hotkey)?.sequences;
  if (sequences === undefined) return null;
  const claimed = round.readies.find((ready) => ready.hotkey === hotkey)?.sequences ?? 0;
  const reason = value > 0 ? why('sequences-counted', { sequences }) : why('gradient-does-not-count');
  return { value, why: reason, detail: { sequences, claimed } };
}

async function bandwidthOf(
  { scoreModel }: Consensus,
  book: ScoreBook,
  { round, receipts, manifest, ...found }: RoundFindings,
  hotkey: Ss58,
  challenge: Challenge,
): Promise<{ readonly measured: Measured | null; readonly challenged: boolean }> {
  const returned = found.bound && round.roster && manifest ? returnedOf(manifest, round, hotkey) : 1;
  const shown = bandwidthFromReceipts(receipts, hotkey, scoreModel.bandwidth);
  if (shown) return { measured: withReturned(shown, returned), challenged: false };
  const last = book.get(hotkey)?.challengedRound ?? null;
  if (last !== null && round.round - last < CHALLENGE_EVERY_ROUNDS)
    return { measured: null, challenged: false };
  const answered = await challenge(hotkey);
  // What measured nothing is asked again in the next round.
  return { measured: withReturned(answered, returned), challenged: answered.value !== null };
}

/** What came back in time by our own all-reduce; what was fetched elsewhere later does not excuse a reducer. */
function returnedOf(manifest: AverageManifest, { roster, report }: JudgedRound, hotkey: Ss58): number {
  const seen = report?.members.find((member) => member.hotkey === hotkey)?.returnedShare;
  return seen ?? (roster ? (returnedShares(manifest, roster).get(hotkey) ?? 1) : 1);
}

/** Only committed rounds say something; void, or ready and not drawn: unchanged. */
function allReduceOf({ round, manifest }: RoundFindings, hotkey: Ss58): Record<string, Measured> {
  const { roster, committed } = round;
  if (!committed || !roster || !manifest) return {};
  const share = takenShares(manifest, roster).get(hotkey);
  if (share === undefined || share === null) return {};
  const reason =
    share > 0 ? why('chunks-taken', { percent: Math.round(share * 100) }) : why('chunks-missing');
  return { allReduce: { value: share, why: reason } };
}
