import { app, type Details, type Event } from 'electron';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';

/** Ends of Electron's own processes that mean nothing. */
const EXPECTED: ReadonlySet<Details['reason']> = new Set(['clean-exit', 'killed']);

/** Tells of the process that draws, which Electron starts again by itself. @returns what ends it */
export function tellProcessesGone(notice: (error: CodedError) => void): () => void {
  const onGone = (_event: Event, { type, reason }: Details) => {
    if (type !== 'GPU' || EXPECTED.has(reason)) return;
    notice({ code: 'GPU_PROCESS_GONE', params: { reason } });
  };
  app.on('child-process-gone', onGone);
  return () => void app.off('child-process-gone', onGone);
}
