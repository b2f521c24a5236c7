import type { HouseReason, HouseRest } from '../../rules/reasons.ts';

/** What the house rules say now, for page, tray and terminal. */
export interface HouseView {
  /** What they rest for; null: they let it work, or are set aside. */
  readonly rest: HouseRest | null;
  /** When hours or prices have it rest next; null: they do not, or it rests. */
  readonly restsFromMs: number | null;
  /** Until then a person has set the rules aside; null: they hold. */
  readonly asideUntilMs: number | null;
  /** Rules that were chosen and that nobody on this computer can tell about: they rest nothing. */
  readonly untold: readonly HouseReason[];
}

export const freeHouse: HouseView = { rest: null, restsFromMs: null, asideUntilMs: null, untold: [] };
