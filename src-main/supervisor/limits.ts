/** Waits and bounds of the supervisor. `superviseChild` takes overrides of the first group per child. */
export interface ChildLimits {
  /** A child that is not ready and does nothing for this long will not become ready. */
  readonly readyMs: number;
  /** A start that works: loading a model and its start-up benchmark on a slow machine. Its waits do not count. */
  readonly busyReadyMs: number;
  /** A ready child that is silent, uses no processor and waits for none for this long is hung. Many heartbeats. */
  readonly silenceMs: number;
  /** One that works without a word: no loop of a child may hold its messages up for more than a second or two. */
  readonly busySilenceMs: number;
  /** After "stop": a little more than the child's own cleanup limit (4 s), so that clean ends are the rule. */
  readonly stopMs: number;
  /** After SIGTERM, before SIGKILL. */
  readonly terminateMs: number;
  /** First pause before a restart; doubles with each failure up to the ceiling. */
  readonly backOffMs: number;
  readonly backOffCeilingMs: number;
  /** Failures in a row before the supervisor gives up. */
  readonly failures: number;
  /** Running this long without a failure forgets the earlier ones. */
  readonly healedAfterMs: number;
  /** MiB of one half of the heap's young generation; null: what V8 takes. */
  readonly youngHalfMib: number | null;
}

export const childLimits: ChildLimits = {
  readyMs: 120_000,
  busyReadyMs: 600_000,
  silenceMs: 15_000,
  busySilenceMs: 180_000,
  stopMs: 5_000,
  terminateMs: 2_000,
  backOffMs: 500,
  backOffCeilingMs: 30_000,
  failures: 5,
  healedAfterMs: 60_000,
  youngHalfMib: null,
};

/** Crash report: enough for a stack trace and what led to it, bounded whatever a child prints. */
export const REPORT_LINES = 100;
export const REPORT_LINE_CHARS = 2_000;

/** Output still in the pipe when a child is gone is awaited this long; a grandchild could hold the pipe open. */
export const OUTPUT_DRAIN_MS = 500;

/** Nobody needs more calls in flight to one child; beyond it a caller loops. */
export const PENDING_CALLS = 1_024;

/** An installed app's files are summed up before its first child starts: 200 MB, on the slowest of disks. */
export const PROGRAM_CHECK_MS = 120_000;
/** What is read and summed up at a stretch meanwhile: about a millisecond, in which the host does nothing else. */
export const PROGRAM_CHUNK_BYTES = 1_048_576;
