import type { CodedError } from '../../errors/app-error.ts';

/** How far the telling of a run is at one target. */
export interface RunLogState {
  readonly kind: 'wandb' | 'tensorboard';
  /** The last row that stands there; null: not known yet, or none; -1: none. */
  readonly lastSeq: number | null;
  readonly toldAtMs: number | null;
  /** Rows that wait here; null: not counted yet. */
  readonly pendingRows: number | null;
  /** Where people look at it: an address or a folder; null before it was reached. */
  readonly place: string | null;
  /** What keeps rows from going there; null: nothing. */
  readonly problem: CodedError | null;
  readonly failedSinceMs: number | null;
  /** In a row. */
  readonly failures: number;
}

/** A part of a table of a run's rows. */
export interface RunTablePart {
  /** Whole lines; may be none. */
  readonly csv: string;
  /** Where the next part begins; null: there is none. */
  readonly next: number | null;
}
