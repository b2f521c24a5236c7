import type { EarningsHistory, LedgerEntry, LedgerKind } from '../contract/page/earnings.ts';

export const periods = ['epoch', 'day', 'week', 'month'] as const;
export type Period = (typeof periods)[number];

/** What one period earned. Amounts are null where a stretch that nobody looked at covers all of it. */
export interface PeriodRow {
  readonly startMs: number;
  /** Exclusive; for an epoch its own moment. */
  readonly endMs: number;
  readonly alpha: bigint | null;
  /** Each row at the price of its own block; null too where one of them has no price. */
  readonly taoRao: bigint | null;
  /** Part of it was not looked at: it may have earned more. */
  readonly hasGap: boolean;
  /** It is not over. */
  readonly isOpen: boolean;
  /** How long of it was looked at. */
  readonly seenMs: number;
}

const DAY_MS = 86_400_000;
/** 1970 began on a Thursday: weeks begin on Mondays. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Rows that are pay. What an owner did with the stake is none. */
export const isPay = (kind: LedgerKind): boolean =>
  kind === 'incentive' || kind === 'dividend' || kind === 'claimed';

export const dayStart = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS;

/** Start of the period that a moment lies in, in UTC. */
export function periodStart(period: Exclude<Period, 'epoch'>, atMs: number): number {
  if (period === 'day') return dayStart(atMs);
  if (period === 'week')
    return Math.floor((atMs - FIRST_MONDAY_MS) / (7 * DAY_MS)) * 7 * DAY_MS + FIRST_MONDAY_MS;
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}

export function periodEnd(period: Exclude<Period, 'epoch'>, startMs: number): number {
  if (period === 'day') return startMs + DAY_MS;
  if (period === 'week') return startMs + 7 * DAY_MS;
  const start = new Date(startMs);
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1);
}

/**
 * Pay by period, oldest first, from the first look to now; a period without pay has a row, which says zero.
 * @param most periods at most, the newest
 */
export function payBy(
  period: Period,
  history: Pick<EarningsHistory, 'entries' | 'sinceMs'>,
  nowMs: number,
  most: number,
): readonly PeriodRow[] {
  if (history.sinceMs === null) return [];
  const gaps = history.entries.filter(({ kind }) => kind === 'unseen');
  const pay = history.entries.filter(({ kind }) => isPay(kind));
  return period === 'epoch'
    ? byEpoch(pay, gaps, most)
    : byCalendar(period, { pay, gaps, sinceMs: history.sinceMs }, nowMs, most);
}

/** Rows of one block are one epoch; a stretch that nobody looked at is a row of its own. */
function byEpoch(
  pay: readonly LedgerEntry[],
  gaps: readonly LedgerEntry[],
  most: number,
): readonly PeriodRow[] {
  const blocks = new Map<number, LedgerEntry[]>();
  // What stands as the sum of a day is no epoch.
  for (const entry of pay.filter(({ rows }) => rows === 1))
    blocks.set(entry.block, [...(blocks.get(entry.block) ?? []), entry]);
  const epochs = [...blocks.values()].map((rows): PeriodRow => {
    const atMs = rows[0]?.atMs ?? 0;
    return { startMs: atMs, endMs: atMs, ...sumOf(rows), hasGap: false, isOpen: false, seenMs: 0 };
  });
  const holes = gaps.map(
    ({ fromMs, atMs }): PeriodRow => ({
      ...{ startMs: fromMs ?? atMs, endMs: atMs, alpha: null, taoRao: null },
      ...{ hasGap: true, isOpen: false, seenMs: 0 },
    }),
  );
  return [...epochs, ...holes].toSorted((a, b) => a.startMs - b.startMs).slice(-most);
}

interface Seen {
  readonly pay: readonly LedgerEntry[];
  readonly gaps: readonly LedgerEntry[];
  readonly sinceMs: number;
}

function byCalendar(
  period: Exclude<Period, 'epoch'>,
  { pay, gaps, sinceMs }: Seen,
  nowMs: number,
  most: number,
): readonly PeriodRow[] {
  const rows: PeriodRow[] = [];
  const sorted = new Map<number, LedgerEntry[]>();
  for (const entry of pay) {
    const start = periodStart(period, entry.atMs);
    const list = sorted.get(start);
    if (list) list.push(entry);
    else sorted.set(start, [entry]);
  }
  // From the newest back: a ledger of years is cut at what is shown.
  const first = periodStart(period, sinceMs);
  let start = periodStart(period, Math.max(nowMs, sinceMs));
  while (start >= first && rows.length < most) {
    const endMs = periodEnd(period, start);
    const from = Math.max(start, sinceMs);
    const to = Math.max(from, Math.min(endMs, nowMs));
    const unseenMs = gaps.reduce((sum, gap) => sum + overlap(gap, from, to), 0);
    const isUnseen = unseenMs > 0 && unseenMs >= to - from;
    const known = isUnseen ? { alpha: null, taoRao: null } : sumOf(sorted.get(start) ?? []);
    const seenMs = Math.max(0, to - from - unseenMs);
    rows.push({ startMs: start, endMs, ...known, hasGap: unseenMs > 0, isOpen: endMs > nowMs, seenMs });
    start = periodStart(period, start - 1);
  }
  return rows.reverse();
}

const overlap = ({ fromMs, atMs }: LedgerEntry, from: number, to: number): number =>
  Math.max(0, Math.min(atMs, to) - Math.max(fromMs ?? atMs, from));

function sumOf(entries: readonly LedgerEntry[]): { alpha: bigint; taoRao: bigint | null } {
  let [alpha, taoRao]: [bigint, bigint | null] = [0n, 0n];
  for (const entry of entries) {
    alpha += entry.alpha;
    taoRao = taoRao === null || entry.taoRao === null ? null : taoRao + entry.taoRao;
  }
  return { alpha, taoRao };
}

/** What a day may bring, by the middle half of the last days; amounts of alpha and, where known, rao. */
export interface Projection {
  readonly days: number;
  readonly lowAlpha: bigint;
  readonly highAlpha: bigint;
}

const PROJECTED_DAYS = 7;
const LEAST_DAYS = 3;

/**
 * The 25th and 75th percentile of the last seven whole days, of those that were looked at throughout.
 * @returns null for fewer than three of them: a guess from less would look like knowledge
 */
export function projectionOf(days: readonly PeriodRow[]): Projection | null {
  const whole = days
    .filter(({ isOpen, hasGap, alpha, seenMs }) => !isOpen && !hasGap && alpha !== null && seenMs === DAY_MS)
    .slice(-PROJECTED_DAYS)
    .map(({ alpha }) => alpha ?? 0n)
    .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (whole.length < LEAST_DAYS) return null;
  return { days: whole.length, lowAlpha: quantile(whole, 25), highAlpha: quantile(whole, 75) };
}

/** Between two values by parts, cut. */
function quantile(sorted: readonly bigint[], percent: number): bigint {
  const at = (sorted.length - 1) * percent;
  const low = sorted[Math.floor(at / 100)] ?? 0n;
  const high = sorted[Math.ceil(at / 100)] ?? low;
  return low + ((high - low) * BigInt(at % 100)) / 100n;
}
