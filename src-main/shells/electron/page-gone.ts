import type { WebContents } from 'electron';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { PAGE_HEALED_MS } from './limits.ts';

/**
 * A page whose process ended unexpectedly is loaded again at once; nothing of the work is in it. One that does so
 * again soon is left as it is, so that a fault in it does not load it for ever.
 * @param nowMs monotonic
 */
export function reloadOnce(
  contents: WebContents,
  notice: (error: CodedError) => void,
  nowMs: () => number = () => performance.now(),
): void {
  let reloadedAtMs = Number.NEGATIVE_INFINITY;
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const isAgain = nowMs() - reloadedAtMs < PAGE_HEALED_MS;
    notice({ code: isAgain ? 'WINDOW_FAILED' : 'WINDOW_RELOADED', params: { reason } });
    if (isAgain) return;
    reloadedAtMs = nowMs();
    contents.reload();
  });
}
