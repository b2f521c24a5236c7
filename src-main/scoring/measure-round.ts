import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import { returnedShares, takenShares } from '../../src-shared/scoring/all-reduce.ts';
import { checksOf } from '../../src-shared/scoring/checks.ts';
import { stepsScores } from '../../src-shared/scoring/steps.ts';
import { type Why, why } from '../../src-shared/scoring/why.ts';
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
  const exchanged = exchangedIn(consensus, found);
  const scores: RoundScore[] = [];
  for (const miner of minersOf(book, found))
    scores.push(await measureOne(consensus, book, found, exchanged, miner, challenge));
  return scores;
}

/** What the exchange shows of its members, and their steps, counted once for all of them. */
interface Exchanged {
  /** Shares of each sender's chunks that reached the average; null where the round says nothing of that. */
  readonly taken: ReadonlyMap<Ss58, number | null> | null;
  /** Shares of what fell to each reducer that it returned; null where the round says nothing of that. */
  readonly returned: ReadonlyMap<Ss58, number> | null;
  readonly steps: ReadonlyMap<Ss58, number>;
}

function exchangedIn(consensus: Consensus, found: RoundFindings): Exchanged {
  const { manifest } = found;
  const { roster, committed } = found.round;
  const taken = committed && roster && manifest ? takenShares(manifest, roster) : null;
  const returned = roster && manifest ? returnedShares(manifest, roster) : null;
  return { taken, returned, steps: stepsOf(consensus, found, taken) };
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
function stepsOf(
  consensus: Consensus,
  { round, checks }: RoundFindings,
  taken: Exchanged['taken'],
): ReadonlyMap<Ss58, number> {
  const claims = round.readies
    .filter(({ weight }) => weight > 0)
    .flatMap(({ hotkey }) => {
      const check = checks.get(hotkey);
      if (!check) return [];
      // In no roster that had room: nothing of it is in this average, and no look can tell what it would have done.
      const isOutside = taken !== null && isLeftOut(consensus.group, round, hotkey);
      const share = isOutside ? 0 : (taken?.get(hotkey) ?? 1);
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
  exchanged: Exchanged,
  { hotkey, uid }: Miner,
  challenge: Challenge,
): Promise<RoundScore> {
  const { round } = found;
  const known = book.get(hotkey);
  const ready = uid !== null && hasWork(round, hotkey);
  const base = { hotkey, uid, ready, challenged: false, absence: null };
  const identity = identityOf(found, uid, hotkey, ready);
  const proven = found.frauds.get(hotkey);
  const seen = { proven, draws: found.drawsOf(hotkey), look: found.looks.get(hotkey) };
  const honesty = honestyTerm(seen, known, checksOf(consensus.scoreModel));
  if (!ready) {
    const absence = absenceOf(consensus, found, uid, known, hotkey);
    const terms = absence ? { identity, ...honesty } : proven ? honesty : {};
    return { ...base, absence, scored: absence !== null || proven !== undefined, terms };
  }
  const returned = returnedOf(exchanged, round, hotkey);
  const bandwidth = await bandwidthOf(consensus, book, { ...found, returned }, hotkey, challenge);
  const gradient = found.checks.get(hotkey)?.gradient;
  const terms: Record<string, Measured> = {
    identity,
    ...honesty,
    ...allReduceOf(consensus, exchanged, round, hotkey),
  };
  if (gradient) terms.gradient = gradient;
  const trained = stepsTerm(found, hotkey, exchanged.steps.get(hotkey) ?? 0, terms.allReduce);
  if (trained) terms.steps = trained;
  if (bandwidth.measured) terms.bandwidth = bandwidth.measured;
  return { ...base, scored: true, challenged: bandwidth.challenged, terms };
}

/** A peer that speaks for a hotkey without a place is nobody's. @param ready heard in this round */
function identityOf({ bound }: RoundFindings, uid: number | null, hotkey: Ss58, ready: boolean): Measured {
  if (uid === null) return { value: 0, why: why('not-registered') };
  return ready || bound.has(hotkey)
    ? { value: 1, why: why('registered-and-bound') }
    : { value: 0, why: why('no-peer-speaks') };
}

/** null without a check: the last term stays. @param allReduce of this round, where it says anything of that */
function stepsTerm(
  { checks, round }: RoundFindings,
  hotkey: Ss58,
  value: number,
  allReduce: Measured | undefined,
): Measured | null {
  const check = checks.get(hotkey);
  if (!check) return null;
  const { sequences, gradient } = check;
  const claimed = round.readies.find((ready) => ready.hotkey === hotkey)?.sequences ?? 0;
  return { value, why: reason(), detail: { sequences, claimed } };

  function reason(): Why {
    if (!((gradient.value ?? 0) > 0)) return why('gradient-does-not-count');
    // Trained and checked, and nothing of it reached anybody.
    return allReduce?.value === 0 ? allReduce.why : why('sequences-counted', { sequences });
  }
}

async function bandwidthOf(
  { scoreModel }: Consensus,
  book: ScoreBook,
  { round, receipts, returned }: Pick<RoundFindings, 'round' | 'receipts'> & { readonly returned: number },
  hotkey: Ss58,
  challenge: Challenge,
): Promise<{ readonly measured: Measured | null; readonly challenged: boolean }> {
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
function returnedOf({ returned }: Exchanged, { report }: JudgedRound, hotkey: Ss58): number {
  if (!returned) return 1;
  const seen = report?.members.find((member) => member.hotkey === hotkey)?.returnedShare;
  return seen ?? returned.get(hotkey) ?? 1;
}

/** Only committed rounds say something; void, or ready and not drawn: unchanged. Who came too late took no part. */
function allReduceOf(
  { group }: Pick<Consensus, 'group'>,
  { taken }: Exchanged,
  round: JudgedRound,
  hotkey: Ss58,
): Record<string, Measured> {
  if (!taken) return {};
  if (isLeftOut(group, round, hotkey)) return { allReduce: { value: 0, why: why('not-in-roster') } };
  const share = taken.get(hotkey);
  if (share === undefined || share === null) return {};
  const reason =
    share > 0 ? why('chunks-taken', { percent: Math.round(share * 100) }) : why('chunks-missing');
  return { allReduce: { value: share, why: reason } };
}
