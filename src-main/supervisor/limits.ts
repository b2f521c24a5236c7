/** Waits and bounds of the supervisor. `superviseChild` takes overrides of the first group per child. */
export interface ChildLimits {
  /** From spawn to "ready": loading a model and its start-up benchmark fit into it on a slow disk. */
  readonly readyMs: number;
  /** Silence after which a child counts as hung. Many heartbeats, because a busy machine starves event loops. */
  readonly silenceMs: number;
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
}

export const childLimits: ChildLimits = {
  readyMs: 120_000,
  silenceMs: 15_000,
  stopMs: 5_000,
  terminateMs: 2_000,
  backOffMs: 500,
  backOffCeilingMs: 30_000,
  failures: 5,
  healedAfterMs: 60_000,
};

/** Crash report: enough for a stack trace and what led to it, bounded whatever a child prints. */
export const REPORT_LINES = 100;
export const REPORT_LINE_CHARS = 2_000;

/** Output still in the pipe when a child is gone is awaited this long; a grandchild could hold the pipe open. */
export const OUTPUT_DRAIN_MS = 500;

/** Nobody needs more calls in flight to one child; beyond it a caller loops. */
export const PENDING_CALLS = 1_024;
