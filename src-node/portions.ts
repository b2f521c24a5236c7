import { setImmediate } from 'node:timers/promises';
import { PORTION_MS } from './limits.ts';

/**
 * Runs a generator of short portions to its end; calls and heartbeats are answered in between.
 * @throws the signal's reason once it aborts
 */
export async function inSlices<T>(work: Iterator<unknown, T>, signal: AbortSignal): Promise<T> {
  let begunMs = performance.now();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    if (performance.now() - begunMs < PORTION_MS) continue;
    await setImmediate();
    signal.throwIfAborted();
    begunMs = performance.now();
  }
}
