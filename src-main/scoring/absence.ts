import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import { type Why, why } from '../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { FORGOTTEN_BELOW } from './limits.ts';
import type { ScoreEntry } from './score-book.ts';

/** What of a round's findings tells whether somebody was there. */
interface Seen {
  readonly round: JudgedRound;
  readonly epochBlocks: number;
  readonly bound: ReadonlySet<Ss58>;
}

/**
 * Whether a hotkey had work in a round: it said so, or stands in the roster that more than half of the witnesses signed,
 * which lists nobody who did not say so. What was not heard here was said elsewhere: who sees half of the swarm takes
 * nobody of the other half for absent.
 */
export const hasWork = ({ readies, roster }: JudgedRound, hotkey: Ss58): boolean =>
  [...readies, ...(roster?.members ?? [])].some((said) => said.hotkey === hotkey && said.weight > 0);

/** Registered no more, and not forgotten yet: whoever comes back under another uid finds what time has left of it. */
export const hasLeft = ({ hotkey, average }: ScoreEntry, registered: ReadonlySet<Ss58>): boolean =>
  !registered.has(hotkey) && (average ?? 0) >= FORGOTTEN_BELOW;

/**
 * Why a round counts nothing for a hotkey that had no work in it. Null: the round says nothing of it, as one without a
 * roster, that came to nothing for everybody or that was not seen here (docs/decisions/0083).
 */
export function absenceOf(
  { clock }: Pick<Consensus, 'clock'>,
  { round, epochBlocks, bound }: Seen,
  uid: number | null,
  known: Pick<ScoreEntry, 'readyRound'> | undefined,
  hotkey: Ss58,
): Why | null {
  if (uid === null) return why('not-registered');
  const missedBlocks = (round.round - (known?.readyRound ?? round.round)) * clock.blocksPerRound;
  if (round.roster === null && missedBlocks <= epochBlocks) return null;
  // Nobody is asked to say that it rests: this much is seen, and the miner itself knows the reason.
  if (bound.has(hotkey)) return why('present-without-work');
  return why(missedBlocks > epochBlocks ? 'absent-for-an-epoch' : 'not-there');
}

/** Ready, and yet in no roster that had room for it: it came too late, or stands on another base. */
export const isLeftOut = (
  { maxMembers }: Pick<Consensus['group'], 'maxMembers'>,
  { roster }: JudgedRound,
  hotkey: Ss58,
): boolean =>
  roster !== null &&
  roster.members.length < maxMembers &&
  !roster.members.some((member) => member.hotkey === hotkey);
