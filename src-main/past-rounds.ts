import type { RoundsPart } from '../src-shared/contract/page/runs.ts';
import type { GroupMember } from '../src-shared/contract/swarm.ts';
import { bareSummaryOf } from './runs/past.ts';
import type { Store } from './store/store.ts';
import type { RoundsBefore } from './store/telemetry.ts';

/** Rounds in one answer to the page; a group of 64 with which all went wrong takes 8 kB. */
export const PAST_ROUNDS_A_PART = 25;

export const noRounds: RoundsPart = { rounds: [], before: null };

/** A part of a run's past from its store. */
export async function pastRounds(
  store: Pick<Store, 'roundsBefore'>,
  asked: Omit<RoundsBefore, 'limit'>,
): Promise<RoundsPart> {
  // One more than is told says whether there is another part.
  const rows = await store.roundsBefore({ ...asked, limit: PAST_ROUNDS_A_PART + 1 });
  const rounds = rows.slice(0, PAST_ROUNDS_A_PART).map((row) => {
    const summary = bareSummaryOf(row);
    return { ...summary, group: summary.group.filter(isAmiss) };
  });
  const last = rounds.at(-1);
  return { rounds, before: last && rows.length > PAST_ROUNDS_A_PART ? last.round : null };
}

/** Something did not arrive, or not in time. */
const isAmiss = ({ error, takenShare, returnedShare }: GroupMember): boolean =>
  error !== null || (takenShare ?? 1) < 1 || (returnedShare ?? 1) < 1;
