import type { EarningsLedger, EpochRow, SnapshotRow } from '../src-main/earnings/ledger.ts';

type Booking = Pick<EarningsLedger, 'bookBlock'>;

const nothing = { epoch: null, moves: [], snapshot: null, account: null };

/** Blocks in which just one thing is booked. */
export const bookEpoch = (ledger: Booking, epoch: EpochRow): Promise<void> =>
  ledger.bookBlock({ ...nothing, hotkey: epoch.hotkey, block: epoch.block, epoch });

export const bookSnapshot = (ledger: Booking, snapshot: SnapshotRow): Promise<void> =>
  ledger.bookBlock({ ...nothing, hotkey: snapshot.hotkey, block: snapshot.block, snapshot });

export const noteScanned = (ledger: Booking, hotkey: EpochRow['hotkey'], block: number): Promise<void> =>
  ledger.bookBlock({ ...nothing, hotkey, block });
