import type { EarningsHistory, LedgerEntry, LedgerKind } from '../../src-shared/contract/page/earnings.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { worthOf } from './book.ts';
import type { EarningsLedger, EpochRow, MoveRow, SnapshotRow } from './ledger.ts';
import { ENTRIES_SHOWN } from './limits.ts';

/** All that is booked of a hotkey, oldest first: pay, what its owner did, and stretches that nobody looked at. */
export async function historyOf(
  ledger: Pick<EarningsLedger, 'epochsSince' | 'movesSince' | 'snapshotsSince'>,
  hotkey: Ss58,
  netuid: number,
): Promise<EarningsHistory> {
  const [epochs, moves, snapshots] = await Promise.all([
    ledger.epochsSince(hotkey, 0),
    ledger.movesSince(hotkey, 0),
    ledger.snapshotsSince(hotkey, 0),
  ]);
  const all = [...epochs.map(payEntry), ...moves.map(moveEntry), ...restEntries(snapshots)].toSorted(
    (a, b) => a.block - b.block,
  );
  const entries = all.slice(-ENTRIES_SHOWN);
  const isCut = entries.length < all.length;
  const first = isCut ? entries[0]?.atMs : (snapshots[0]?.atMs ?? epochs[0]?.atMs);
  const coldkey = snapshots.at(-1)?.coldkey ?? null;
  return { hotkey, coldkey, netuid, sinceMs: first ?? null, entries, isCut };
}

const payEntry = ({ atMs, block, alpha, priceRao, valueRao }: EpochRow): LedgerEntry => ({
  ...{ atMs, fromMs: null, block, kind: 'incentive', alpha, priceRao, taoRao: valueRao, feeRao: null },
});

const moveEntry = ({ atMs, block, kind, alpha, priceRao, taoRao, feeRao }: MoveRow): LedgerEntry => ({
  ...{ atMs, fromMs: null, block, kind: kind as LedgerKind, alpha, priceRao, feeRao },
  taoRao: taoRao ?? worth(alpha, priceRao),
});

/** What remained of the change of a stake. What an older version left over is not known to be pay, and is left out. */
function restEntries(snapshots: readonly SnapshotRow[]): readonly LedgerEntry[] {
  return snapshots.flatMap(({ atMs, block, residualAlpha, priceRao, method }, i): LedgerEntry[] => {
    const before = snapshots[i - 1];
    if (!before || residualAlpha === null || method === null) return [];
    const isUnseen = method === 'delta';
    if (!isUnseen && residualAlpha === 0n) return [];
    const [kind, fromMs] = isUnseen ? (['unseen', before.atMs] as const) : (['dividend', null] as const);
    const taoRao = worth(residualAlpha, priceRao);
    return [{ atMs, fromMs, block, kind, alpha: residualAlpha, priceRao, taoRao, feeRao: null }];
  });
}

/** Signed; cut toward zero. */
const worth = (alpha: bigint, priceRao: MoveRow['priceRao']): bigint | null =>
  alpha < 0n ? negative(worthOf(-alpha, priceRao)) : worthOf(alpha, priceRao);

const negative = (value: bigint | null): bigint | null => (value === null ? null : -value);
