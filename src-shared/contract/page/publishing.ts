import type { CodedError } from '../../errors/app-error.ts';

/** What a trial of the place that states are published to found. */
export interface StoreTested {
  /** Repository, bucket or folder. */
  readonly place: string;
  /** Whose key it is; null where the store knows no names. */
  readonly account: string | null;
  /** null where nobody can tell. */
  readonly isPublic: boolean | null;
  readonly sentBytesPerSecond: number;
  readonly receivedBytesPerSecond: number;
}

/** A state that is made ready or on its way. */
export interface UploadUnderWay {
  readonly kind: 'state' | 'update';
  readonly round: number;
  /** For people. */
  readonly place: string;
  readonly phase: 'making' | 'checking' | 'sending' | 'receiving' | 'committing';
  readonly doneBytes: number;
  /** 0 while nobody can tell. */
  readonly allBytes: number;
  /** The store asked to be left alone until then, or something failed that is tried again then; null: neither. */
  readonly waits: { readonly reason: 'asked' | 'failed'; readonly untilMs: number } | null;
}

/** What came of one state at one place, by its newest try. */
export interface UploadEnd {
  readonly tag: string;
  readonly kind: 'state' | 'update';
  readonly round: number;
  readonly place: string;
  readonly atMs: number;
  /** What went out, and what was there already; null where it is not there. */
  readonly sentBytes: number | null;
  readonly foundBytes: number | null;
  readonly durationMs: number | null;
  /** Why it is not there; null where it is. */
  readonly code: string | null;
  /** What fills its sentence; null where it is there, or where that was not kept yet. */
  readonly params: CodedError['params'] | null;
}

/** What leaves this computer of its states, and what that costs the uplink. */
export interface PublishingView {
  readonly current: UploadUnderWay | null;
  /** A round averages: next to nothing goes meanwhile. */
  readonly isHeld: boolean;
  /** The newest first, of earlier starts too. */
  readonly uploads: readonly UploadEnd[];
  /** What went out in the last 24 hours, as far as it arrived; null: not read yet. */
  readonly sentDayBytes: number | null;
}
