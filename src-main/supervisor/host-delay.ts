import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How long the host's event loop kept others waiting, in ms beyond the sampling interval. */
export interface HostDelay {
  read(): { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  reset(): void;
  stop(): void;
}

const RESOLUTION_MS = 5;

export function watchHostDelay(): HostDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  // The histogram holds nanoseconds from tick to tick: the interval itself is no delay.
  const delayMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return {
    read: () => ({
      p50Ms: delayMs(histogram.percentile(50)),
      p99Ms: delayMs(histogram.percentile(99)),
      maxMs: histogram.count === 0 ? 0 : delayMs(histogram.max),
    }),
    reset: () => histogram.reset(),
    stop: () => histogram.disable(),
  };
}
