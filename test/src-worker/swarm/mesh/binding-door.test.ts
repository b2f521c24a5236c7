import { expect, it } from 'vitest';
import { ChainClock } from '../../../../src-node/chain-clock.ts';
import { BindingDoor } from '../../../../src-worker/swarm/mesh/hello.ts';

it('goes by the chain’s time, however wrong this computer’s clock is', () => {
  const clock = new ChainClock();
  const door = new BindingDoor({ netuid: 38, genesisHash: '0'.repeat(64) }, () => true, clock);
  expect(Math.abs(door.nowMs() - Date.now())).toBeLessThan(60_000);
  clock.set(1_000);
  expect(door.nowMs()).toBeGreaterThanOrEqual(1_000);
  expect(door.nowMs()).toBeLessThan(1e9);
});
