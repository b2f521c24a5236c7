import type { MoveKind as StakeMoveKind } from '../network/reads/stake-moves.ts';
import type { HotkeyLedger } from '../store/hotkey-ledger.ts';

export type {
  BookedBlock,
  EpochBooking as EpochRow,
  OwnMoveRow as MoveRow,
  StakeSnapshot as SnapshotRow,
} from '../store/rows.ts';

/** Where earnings are kept: of one chain and subnet. */
export type EarningsLedger = HotkeyLedger;

/** What a row of a stake is about, besides pay. */
export type MoveKind =
  | StakeMoveKind
  /** What a miner of the subnet's owner earned, and the chain kept: the amount stands as its fee. */
  | 'withheld';
