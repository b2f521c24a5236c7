import { getPriority, setPriority } from 'node:os';
import { ENGINE_PRIORITY } from './limits.ts';

/**
 * Lets interactive programs go first. On Linux a priority belongs to the calling thread, so the threads of the engine
 * yield and the exchange of a round, for which a whole group waits, does not; Windows and macOS lower the whole process
 * (docs/decisions/0014). One that was started at a lower one keeps that, and a
 * machine that refuses lets us run at the usual one.
 */
export function yieldToPeople(): void {
  try {
    if (getPriority() < ENGINE_PRIORITY) setPriority(ENGINE_PRIORITY);
  } catch (thrown) {
    console.error('priority stays as it is', thrown);
  }
}
