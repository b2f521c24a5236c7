import { pause } from '../../../src-node/waits.ts';
import type { PowerView } from '../../../src-shared/contract/page/app.ts';
import { POWER_EVERY_MS, POWER_LEAST } from '../limits.ts';
import type { PowerReader } from './reader.ts';

export interface PowerWatch {
  /** Whether something works now: only then is measured. */
  setWorking(isWorking: boolean): void;
  stop(): Promise<void>;
}

/**
 * Measures every two seconds while something works, and not at all while nothing does. What is told is the mean of all
 * that was measured: what it draws at one moment says little.
 * @param told the newest mean; never before there are some measurements
 */
export function watchPower(
  reader: PowerReader,
  told: (view: PowerView) => void,
  everyMs = POWER_EVERY_MS,
): PowerWatch {
  const sums = { gpu: { watts: 0, times: 0 }, cpu: { watts: 0, times: 0 } };
  let count = 0;
  let working: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const reading = await reader.read(signal);
      if (reading) note(reading.watts);
      await pause(everyMs, signal);
    }
  }

  function note(watts: { readonly gpu?: number; readonly cpu?: number }): void {
    count++;
    for (const part of ['gpu', 'cpu'] as const) {
      const value = watts[part];
      if (value === undefined) continue;
      sums[part].watts += value;
      sums[part].times++;
    }
    if (count < POWER_LEAST) return;
    const mean = (part: 'gpu' | 'cpu') => (sums[part].times > 0 ? sums[part].watts / sums[part].times : null);
    told({ gpuWatts: mean('gpu'), cpuWatts: mean('cpu'), measuredMs: count * everyMs });
  }

  return {
    setWorking(isWorking) {
      if (isWorking === (working !== null)) return;
      working?.abort();
      working = isWorking ? new AbortController() : null;
      const signal = working?.signal;
      // One reader at a time: the next begins when the one before has let go.
      if (signal) running = running.then(() => run(signal)).catch(() => undefined);
    },
    async stop() {
      working?.abort();
      working = null;
      await running;
    },
  };
}
