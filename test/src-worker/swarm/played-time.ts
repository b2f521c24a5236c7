import { vi } from 'vitest';
import { calm } from '../../integrity/calm.ts';

/**
 * Time that is played: timers and the monotonic clock stand still while anything moves, and jump to the next timer when
 * nothing does any more. So a test that waits for minutes takes as long as its work, and a busy machine changes nothing.
 */
export function playTime(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
}

/** The promise's value, with time going on as long as it takes. */
export async function played<T>(work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  await calm();
  while (!isOver) {
    vi.advanceTimersToNextTimer();
    await calm();
  }
  return work;
}

/** Lets time go on by so much. */
export const playFor = (spanMs: number): Promise<void> =>
  played(new Promise((resolve) => void setTimeout(resolve, spanMs)));
