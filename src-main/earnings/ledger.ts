import type { HotkeyLedger } from '../store/hotkey-ledger.ts';

export type {
  BookedBlock,
  EpochBooking as EpochRow,
  OwnMoveRow as MoveRow,
  StakeSnapshot as SnapshotRow,
} from '../store/rows.ts';

/** Where earnings are kept: of one chain and subnet. */
export type EarningsLedger = HotkeyLedger;
