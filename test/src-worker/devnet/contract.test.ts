import { expect, test } from 'vitest';
import { alice, bob, NETUID, openRig, TAO } from './rig.ts';

test('an unmodified client connects and moves money', async () => {
  const rig = await openRig();
  const { api } = rig;
  expect(api.runtimeVersion.specVersion.toNumber()).toBe(393);
  const failed = await rig.outcome(api.tx.balances.transferKeepAlive(bob.address, 5n * TAO), alice);
  expect(failed).toBeNull();
  const account = await api.query.system.account(bob.address);
  expect((account as unknown as { data: { free: { toBigInt(): bigint } } }).data.free.toBigInt()).toBe(5n * TAO);
  const price = await api.call["swapRuntimeApi"]!.currentAlphaPrice(NETUID);
  expect(price.toBigInt()).toBe(100_000_000n);
});
