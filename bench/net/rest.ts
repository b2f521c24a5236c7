import { setTimeout as sleep } from 'node:timers/promises';
import { REST_BYTES_PER_S, REST_LIMIT_MS, REST_LOOK_MS } from './limits.ts';
import type { Place } from './network.ts';

/**
 * Resolves when nothing but short words goes over any of the lines. What an exchange before had handed to the system for a
 * narrow line goes on for seconds after it has ended, and everything of the next one would wait behind it; between rounds of
 * a run there are minutes.
 * @throws {Error} where the lines do not come to rest
 */
export async function atRest(places: readonly Pick<Place, 'cameBytes'>[]): Promise<void> {
  const deadlineMs = performance.now() + REST_LIMIT_MS;
  let [before, atMs] = [await cameOver(places), performance.now()];
  for (;;) {
    await sleep(REST_LOOK_MS);
    const [now, nowMs] = [await cameOver(places), performance.now()];
    const isMoving = now.some((bytes, i) => (bytes - before[i]!) * 1_000 > REST_BYTES_PER_S * (nowMs - atMs));
    if (!isMoving) return;
    if (nowMs > deadlineMs) throw new Error('the lines do not come to rest');
    [before, atMs] = [now, nowMs];
  }
}

const cameOver = (places: readonly Pick<Place, 'cameBytes'>[]): Promise<number[]> =>
  Promise.all(places.map((place) => place.cameBytes()));
