import type { EarningsHistory, LedgerEntry, LedgerKind } from '../contract/page/earnings.ts';
import type { AlphaRao, Hex, Rao, Ss58 } from '../units.ts';
import { dayStart } from './periods.ts';
import { worthOf } from './worth.ts';

/** Rows of one hotkey as a ledger keeps them, each list oldest first. */
export interface BookedRows {
  readonly epochs: readonly (Moment & { readonly alpha: AlphaRao; readonly valueRao: Rao | null })[];
  readonly moves: readonly (Moment & {
    readonly kind: string;
    readonly alpha: bigint;
    readonly taoRao: Rao | null;
    readonly feeRao: bigint | null;
    readonly txHash: Hex | null;
  })[];
  readonly snapshots: readonly (Moment & {
    readonly coldkey: Ss58;
    readonly residualAlpha: bigint | null;
    readonly method: string | null;
  })[];
}

interface Moment {
  readonly block: number;
  readonly atMs: number;
  readonly priceRao: Rao | null;
}

/** So many entries fit one message to the page, whatever stands in them. */
export const ENTRIES_MAX = 4_000;

/**
 * All that is booked of a hotkey, oldest first: pay, what its owner did, and stretches that nobody looked at.
 * @param newest entries that stand as they were booked; older ones are sums of their UTC day, by kind. null: all
 */
export function historyOf(
  { epochs, moves, snapshots }: BookedRows,
  { hotkey, netuid }: Pick<EarningsHistory, 'hotkey' | 'netuid'>,
  newest: number | null,
): EarningsHistory {
  const all = entriesOf({ epochs, moves, snapshots });
  const entries = newest === null ? all : summedByDay(all, newest).slice(-ENTRIES_MAX);
  const first = snapshots[0]?.atMs ?? epochs[0]?.atMs ?? null;
  const isCut = newest !== null && entries.length === ENTRIES_MAX;
  const sinceMs = isCut ? (entries[0]?.atMs ?? null) : first;
  return { hotkey, coldkey: snapshots.at(-1)?.coldkey ?? null, netuid, sinceMs, entries, isCut };
}

/** Rows as they were booked, oldest first. @param snapshots from the one before them on, where there is one */
export const entriesOf = ({ epochs, moves, snapshots }: BookedRows): readonly LedgerEntry[] =>
  [...epochs.map(payEntry), ...moves.map(moveEntry), ...restEntries(snapshots)].toSorted(
    (a, b) => a.block - b.block,
  );

/**
 * Entries but the newest, as sums by UTC day and kind: whole days, so that every day, week and month stays what it was.
 * Gains, losses and what has no price are summed apart. A stretch that nobody looked at is itself.
 */
function summedByDay(all: readonly LedgerEntry[], newest: number): readonly LedgerEntry[] {
  const fromMs = dayStart(all.at(-newest)?.atMs ?? 0);
  const sums = new Map<string, LedgerEntry>();
  const kept: LedgerEntry[] = [];
  for (const entry of all) {
    const { atMs, kind, alpha, taoRao } = entry;
    if (atMs >= fromMs || kind === 'unseen') kept.push(entry);
    else {
      const key = `${dayStart(atMs)} ${kind} ${alpha > 0n} ${taoRao === null}`;
      const before = sums.get(key);
      sums.set(key, before ? sumOf(before, entry) : entry);
    }
  }
  return [...sums.values(), ...kept].toSorted((a, b) => a.block - b.block);
}

/** Of entries that either all have a worth, or all have none. */
const sumOf = (a: LedgerEntry, b: LedgerEntry): LedgerEntry => ({
  ...b,
  alpha: a.alpha + b.alpha,
  priceRao: null,
  taoRao: a.taoRao === null || b.taoRao === null ? null : a.taoRao + b.taoRao,
  feeRao: a.feeRao === null && b.feeRao === null ? null : (a.feeRao ?? 0n) + (b.feeRao ?? 0n),
  txHash: null,
  rows: a.rows + b.rows,
});

const payEntry = ({ atMs, block, alpha, priceRao, valueRao }: BookedRows['epochs'][number]): LedgerEntry => ({
  ...{ atMs, fromMs: null, block, kind: 'incentive', alpha, priceRao, taoRao: valueRao, feeRao: null },
  ...{ txHash: null, rows: 1 },
});

const moveEntry = (row: BookedRows['moves'][number]): LedgerEntry => {
  const { atMs, block, kind, alpha, priceRao, taoRao, feeRao, txHash } = row;
  return {
    ...{ atMs, fromMs: null, block, kind: kind as LedgerKind, alpha, priceRao, feeRao, txHash, rows: 1 },
    taoRao: taoRao ?? worth(alpha, priceRao),
  };
};

/** What remained of the change of a stake. What an older version left over is not known to be pay, and is left out. */
function restEntries(snapshots: BookedRows['snapshots']): readonly LedgerEntry[] {
  return snapshots.flatMap(({ atMs, block, residualAlpha, priceRao, method }, i): LedgerEntry[] => {
    const before = snapshots[i - 1];
    if (!before || residualAlpha === null || method === null) return [];
    const isUnseen = method === 'delta';
    if (!isUnseen && residualAlpha === 0n) return [];
    const [kind, fromMs] = isUnseen ? (['unseen', before.atMs] as const) : (['dividend', null] as const);
    const taoRao = worth(residualAlpha, priceRao);
    const row = { atMs, fromMs, block, kind, alpha: residualAlpha, priceRao, taoRao };
    return [{ ...row, feeRao: null, txHash: null, rows: 1 }];
  });
}

/** Signed; cut toward zero. */
const worth = (alpha: bigint, priceRao: Rao | null): bigint | null =>
  alpha < 0n ? negative(worthOf(-alpha, priceRao)) : worthOf(alpha, priceRao);

const negative = (value: bigint | null): bigint | null => (value === null ? null : -value);
