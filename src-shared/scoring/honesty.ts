import type { Checks } from './checks.ts';

/**
 * Mean losses of a text in nats per token: at the base of a round, with one contribution taken in alone, and at the base
 * that came of the round, which is the first one where nothing came of it.
 */
export interface MovedLoss {
  readonly before: number;
  readonly after: number;
  readonly agreed: number;
}

/** By how much the contribution lowers it. */
export const gainOf = ({ before, after }: MovedLoss): number => before - after;

/** By how much it is lower than with what all members together made of the round. */
export const leadOf = ({ agreed, after }: MovedLoss): number => agreed - after;

/**
 * Whether a contribution is what work on this text comes to: it lowers the loss of it, and is further ahead of the round's
 * own result there than on text that nobody knew before, by the margin's share of what it does. Held against the result,
 * it does not matter that one text is easier than another: that shows in both. A copy of somebody else's, or of the mean,
 * is ahead nowhere.
 */
export function helps(
  { assigned, random }: { readonly assigned: MovedLoss; readonly random: MovedLoss },
  { margin }: Pick<Checks, 'margin'>,
): boolean {
  const own = gainOf(assigned);
  return own > 0 && leadOf(assigned) - leadOf(random) > margin * own;
}

/**
 * Whether a contribution does harm: taken in alone it does not even lower the loss of the text that it was made on. Less
 * than to help, for which it has to be ahead of the others there: a copy harms nobody.
 */
export const harms = ({ assigned }: { readonly assigned: MovedLoss }): boolean => !(gainOf(assigned) > 0);

/** Whether each look at a hotkey's contributions showed that they help, the oldest first. */
export type Draws = readonly boolean[];

export const withDraw = (draws: Draws, helped: boolean, { draws: kept }: Pick<Checks, 'draws'>): Draws =>
  [...draws, helped].slice(-kept);

/**
 * The honesty term: 2a - 1 with a = share of the newest draws that helped, 0 where that is below the least share (ROUNDS
 * section 9), over what that is at the full share, and 1 above it (decision 103). Who was drawn too rarely to tell has what
 * the profile gives to the unknown.
 */
export function honestyOf(draws: Draws, checks: Checks): number {
  const counting = draws.slice(-checks.draws);
  if (counting.length < checks.leastDraws) return checks.unknown;
  const share = counting.filter(Boolean).length / counting.length;
  if (share < checks.leastShare) return 0;
  const { fullShare = 1 } = checks;
  return Math.min(1, Math.max(0, 2 * share - 1) / (2 * fullShare - 1));
}
