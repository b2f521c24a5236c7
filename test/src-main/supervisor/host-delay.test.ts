import { expect, it } from 'vitest';
import { watchHostDelay } from '../../../src-main/supervisor/host-delay.ts';

it('sees that the host was blocked, and forgets it when reset', async () => {
  const watch = watchHostDelay();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const until = performance.now() + 200;
  while (performance.now() < until);
  await expect.poll(() => watch.read().maxMs).toBeGreaterThan(150);
  watch.reset();
  expect(watch.read()).toEqual({ p50Ms: 0, p99Ms: 0, maxMs: 0 });
  watch.stop();
});
