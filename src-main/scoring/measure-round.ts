import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import { returnedShares, takenShares } from '../../src-shared/scoring/all-reduce.ts';
import { checksOf } from '../../src-shared/scoring/checks.ts';
import { stepsScores } from '../../src-shared/scoring/steps.ts';
import { why } from '../../src-shared/scoring/why.ts';
import type { AverageManifest } from '../../src-shared/spool.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { absenceOf, hasLeft, hasWork, isLeftOut } from './absence.ts';
import { bandwidthFromReceipts, withReturned } from './bandwidth-check.ts';
import type { Measured } from './evidence.ts';
import { honestyTerm } from './honesty-term.ts';
import { CHALLENGE_EVERY_ROUNDS } from './limits.ts';
import type { RoundFindings } from './round-findings.ts';
import type { RoundScore, ScoreBook } from './score-book.ts';

/** Asked only for hotkeys whose rate the receipts do not show. */
export type Challenge = (hotkey: Ss58) => Promise<Measured>;

/** A miner of the round; `uid` is null for one that is registered no more. */
export interface Miner {
  readonly hotkey: Ss58;
  readonly uid: number | null;
}

/** Every term of every miner that this round says something about. */
export async function measureRound(
  consensus: Consensus,
  book: ScoreBook,
  found: RoundFindings,
  challenge: Challenge,
): Promise<readonly RoundScore[]> {
  const steps = stepsOf(consensus, found);
  const scores: RoundScore[] = [];
  for (const miner of minersOf(book, found))
    scores.push(await measureOne(consensus, book, found, steps, miner, challenge));
  return scores;
}

/** Hotkeys that work or have worked; validators do not score each other. */
function minersOf(book: ScoreBook, { neurons, round, validator }: RoundFindings): readonly Miner[] {
  const isMiner = ({ hotkey }: Miner) => hotkey !== validator && !round.witnesses.includes(hotkey);
  const registered = new Set(neurons.map(({ hotkey }) => hotkey));
  return [
    ...neurons.filter(({ hotkey }) => hasWork(round, hotkey) || book.has(hotkey)),
    ...[...book.values()]
      .filter((entry) => hasLeft(entry, registered))
      .map(({ hotkey }) => ({ hotkey, uid: null })),
  ].filter(isMiner);
}

/**
 * Only what a check supports is counted, so that a claim nobody looked at moves no one's steps; and of that only the
 * share that reached the average: work that its owner kept to itself is none (docs/decisions/0083).
 */
function stepsOf(consensus: Consensus, found: RoundFindings): ReadonlyMap<Ss58, number> {
  const { round, checks } = found;
  const taken = takenOf(found);
  const claims = round.readies
    .filter(({ weight }) => weight > 0)
    .flatMap(({ hotkey }) => {
      const check = checks.get(hotkey);
      if (!check) return [];
      const share = taken?.get(hotkey) ?? 1;
      const sequences = Math.min(check.sequences, mostSequences(consensus)) * share;
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
  { hotkey, uid }: Miner,
  challenge: Challenge,
): Promise<RoundScore> {
  const { round } = found;
  const known = book.get(hotkey);
  const ready = uid !== null && hasWork(round, hotkey);
  const base = { hotkey, uid, ready, challenged: false, absence: null };
  const identity: Measured =
    ready || found.bound.has(hotkey)
      ? { value: 1, why: why('registered-and-bound') }
      : { value: 0, why: why('no-peer-speaks') };
  const proven = found.frauds.get(hotkey);
  const seen = { proven, draws: found.drawsOf(hotkey), look: found.looks.get(hotkey) };
  const honesty = honestyTerm(seen, known, checksOf(consensus.scoreModel));
  if (!ready) {
    const absence = absenceOf(consensus, found, uid, known, hotkey);
    const terms = absence ? { identity, ...honesty } : proven ? honesty : {};
    return { ...base, absence, scored: absence !== null || proven !== undefined, terms };
  }
  const bandwidth = await bandwidthOf(consensus, book, found, hotkey, challenge);
  const gradient = found.checks.get(hotkey)?.gradient;
  const terms: Record<string, Measured> = { identity, ...honesty, ...allReduceOf(consensus, found, hotkey) };
  if (gradient) terms.gradient = gradient;
  const trained = stepsTerm(found, hotkey, steps.get(hotkey) ?? 0);
  if (trained) terms.steps = trained;
  if (bandwidth.measured) terms.bandwidth = bandwidth.measured;
  return { ...base, scored: true, challenged: bandwidth.challenged, terms };
}

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

/** Shares of each sender's chunks that reached the average; null where the round says nothing of that. */
function takenOf({ round, manifest }: RoundFindings): ReadonlyMap<Ss58, number | null> | null {
  const { roster, committed } = round;
  return committed && roster && manifest ? takenShares(manifest, roster) : null;
}

/** Only committed rounds say something; void, or ready and not drawn: unchanged. Who came too late took no part. */
function allReduceOf(
  { group }: Pick<Consensus, 'group'>,
  found: RoundFindings,
  hotkey: Ss58,
): Record<string, Measured> {
  const taken = takenOf(found);
  if (!taken) return {};
  if (isLeftOut(group, found.round, hotkey)) return { allReduce: { value: 0, why: why('not-in-roster') } };
  const share = taken.get(hotkey);
  if (share === undefined || share === null) return {};
  const reason =
    share > 0 ? why('chunks-taken', { percent: Math.round(share * 100) }) : why('chunks-missing');
  return { allReduce: { value: share, why: reason } };
}
