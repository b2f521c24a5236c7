import { pause } from '../../../src-node/waits.ts';
import { PAUSE_GRACE_MS } from '../limits.ts';
import type { Trainer } from './trainer.ts';

/**
 * Runs `work`, whose signal aborts when the process ends, or when training has been paused for longer than most steps
 * take: on a slow card one takes minutes, and whoever wants his computer back does not wait for it.
 * @returns null when it was dropped for that
 */
export async function whileItMay<T>(
  trainer: Pick<Trainer, 'gate' | 'isActive'>,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const dropped = new AbortController();
  const over = new AbortController();
  const watching = dropWhenPaused(trainer, dropped, over.signal);
  const signal = AbortSignal.any([stop, dropped.signal]);
  try {
    return await work(signal);
  } catch (thrown) {
    if (!signal.aborted || thrown !== signal.reason) throw thrown;
    return null;
  } finally {
    over.abort();
    await watching;
  }
}

async function dropWhenPaused(
  trainer: Pick<Trainer, 'gate' | 'isActive'>,
  dropped: AbortController,
  over: AbortSignal,
): Promise<void> {
  while (await trainer.gate.until(() => !trainer.isActive, over)) {
    await pause(PAUSE_GRACE_MS, over);
    if (over.aborted || trainer.isActive) continue;
    dropped.abort();
    return;
  }
}
