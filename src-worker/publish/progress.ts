import type { EventOf } from '../../src-shared/contract/child.ts';
import type { PublishContract } from '../../src-shared/contract/publish.ts';
import { PROGRESS_EVERY_MS } from './limits.ts';

export type Phase = EventOf<PublishContract, 'progress'>['phase'];

/** How far a job is. Whoever works says each portion; the host hears some times a second. */
export interface Progress {
  /** A new phase, of so many bytes, is told at once. */
  begin(phase: Phase, allBytes: number): void;
  /** So many bytes more; fewer than none where a portion has to go once more. */
  add(bytes: number): void;
}

export function throttledProgress(
  tell: (said: { phase: Phase; doneBytes: number; allBytes: number }) => void,
  nowMs: () => number = () => performance.now(),
): Progress {
  let phase: Phase = 'checking';
  let done = 0;
  let all = 0;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const say = () => {
    toldAtMs = nowMs();
    tell({ phase, doneBytes: Math.max(0, Math.min(done, all)), allBytes: all });
  };
  return {
    begin(next, allBytes) {
      [phase, done, all] = [next, 0, allBytes];
      say();
    },
    add(bytes) {
      done += bytes;
      if (nowMs() - toldAtMs >= PROGRESS_EVERY_MS || done === all) say();
    },
  };
}
