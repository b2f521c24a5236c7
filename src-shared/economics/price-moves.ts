import type { Rao } from '../units.ts';
import { ratioOf } from './ratio.ts';

export interface PriceAt {
  readonly atMs: number;
  /** null: not known for that time. */
  readonly priceRao: Rao | null;
}

export interface DailyMoves {
  /** The worst and the best day, as shares of the price at its beginning. */
  readonly low: number;
  readonly high: number;
  readonly days: number;
}

const DAY_MS = 86_400_000;

interface Known {
  readonly atMs: number;
  readonly priceRao: Rao;
}
const known = (points: readonly PriceAt[]): Known[] =>
  points
    .flatMap(({ atMs, priceRao }) => (priceRao === null || priceRao === 0n ? [] : [{ atMs, priceRao }]))
    .sort((a, b) => a.atMs - b.atMs);

/**
 * What the price did from one UTC day's last point to the next one's. A day without a point is a gap: the two around it
 * are not compared.
 * @returns null without two days in a row
 */
export function dailyMoves(points: readonly PriceAt[]): DailyMoves | null {
  const closing = new Map(known(points).map(({ atMs, priceRao }) => [Math.floor(atMs / DAY_MS), priceRao]));
  const moves = [...closing].flatMap(([day, price]) => {
    const before = closing.get(day - 1);
    const move = before === undefined ? null : ratioOf(price - before, before);
    return move === null ? [] : [move];
  });
  if (moves.length === 0) return null;
  return { low: Math.min(...moves), high: Math.max(...moves), days: moves.length };
}

/**
 * By which share the price changed over so long a time: from the last point at or before its beginning. Where the
 * points do not reach back so far, from the first, and `sinceMs` says so.
 * @returns null without two points
 */
export function changeOver(
  points: readonly PriceAt[],
  nowMs: number,
  spanMs: number,
): { readonly change: number; readonly sinceMs: number } | null {
  const all = known(points);
  const last = all.at(-1);
  const first = all.findLast(({ atMs }) => atMs <= nowMs - spanMs) ?? all[0];
  if (!last || !first || first === last) return null;
  const change = ratioOf(last.priceRao - first.priceRao, first.priceRao);
  return change === null ? null : { change, sinceMs: first.atMs };
}
