import { Pace } from '../../../../src-node/pace.ts';
import { pause } from '../../../../src-node/waits.ts';
import type { StoreGround } from '../../../../src-worker/publish/stores/store.ts';

export interface RecordedGround extends StoreGround {
  /** What was waited for, in order; nothing was waited for in truth. */
  readonly waits: { readonly reason: 'asked' | 'failed'; readonly waitMs: number }[];
}

/** A ground whose waits are over at once, and are kept. */
export function recordedGround(): RecordedGround {
  const waits: { reason: 'asked' | 'failed'; waitMs: number }[] = [];
  let reason: 'asked' | 'failed' = 'failed';
  return {
    waits,
    pace: new Pace(),
    progress: { begin: () => undefined, add: () => undefined },
    waiting: (why) => {
      reason = why;
    },
    async pause(waitMs) {
      waits.push({ reason, waitMs });
    },
  };
}

/** A ground that waits as the real one does. */
export const plainGround = (): StoreGround => ({
  pace: new Pace(),
  progress: { begin: () => undefined, add: () => undefined },
  waiting: () => undefined,
  pause,
});
