import type { Why } from '../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../src-shared/units.ts';

/** Why a score is what it is: kept by the store, readable by everybody it concerns. */
export interface EvidenceRow {
  readonly atMs: number;
  readonly round: number;
  readonly hotkey: Ss58;
  readonly term: string;
  /** null: could not be measured. */
  readonly value: number | null;
  readonly why: Why;
  /** JSON for whoever wants to check. */
  readonly detail: string;
}

export interface EvidenceSink {
  keep(rows: readonly EvidenceRow[]): void;
}

/** A term as measured: null where nobody could. */
export interface Measured {
  readonly value: number | null;
  readonly why: Why;
  readonly detail?: unknown;
}
