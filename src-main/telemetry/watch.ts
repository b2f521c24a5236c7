import { pause } from '../../src-node/waits.ts';
import { SENSORS_EVERY_MS } from './limits.ts';
import type { MachineReader, MachineReading } from './reading.ts';

export interface MachineWatch {
  /** Whether something works now: only then are sensors read. */
  setWorking(isWorking: boolean): void;
  stop(): Promise<void>;
}

/**
 * Reads every two seconds while something works, and not at all while nothing does.
 * @param told the newest reading and how long ago the look before was, in ms; null where a look found nothing, and as
 * soon as nothing works any more
 */
export function watchMachine(
  reader: MachineReader,
  told: (reading: MachineReading | null, sinceMs: number) => void,
  everyMs = SENSORS_EVERY_MS,
): MachineWatch {
  let working: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();

  async function run(signal: AbortSignal): Promise<void> {
    let beforeMs = performance.now();
    while (!signal.aborted) {
      const reading = await reader.read(signal);
      const nowMs = performance.now();
      if (!signal.aborted) told(reading, nowMs - beforeMs);
      beforeMs = nowMs;
      await pause(everyMs, signal);
    }
  }

  return {
    setWorking(isWorking) {
      if (isWorking === (working !== null)) return;
      working?.abort();
      working = isWorking ? new AbortController() : null;
      const signal = working?.signal;
      // One reader at a time: the next begins when the one before has let go.
      if (signal) running = running.then(() => run(signal)).catch(() => undefined);
      else told(null, 0);
    },
    async stop() {
      working?.abort();
      working = null;
      await running;
    },
  };
}
