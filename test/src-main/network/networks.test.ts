import { afterEach, expect, it } from 'vitest';
import { openNetworks } from '../../../src-main/network/networks.ts';
import { soon } from '../../soon.ts';
import { NETUID, startTestChain, startWire } from './rig.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

it('reads no block of a subnet any more once the last share that asked for it is released', async () => {
  const { signal } = new AbortController();
  const devnet = await startTestChain();
  stops.push(devnet.stop);
  const wire = await startWire(devnet.url);
  stops.push(wire.stop);
  const networks = openNetworks(() => undefined);
  stops.push(networks.stop);
  const address = { name: 'own', endpoints: [wire.url] };
  const run = await networks.open(address, signal);
  const worked = await run.subnet(NETUID, { name: null, ownerColdkey: null }, signal);
  const { name } = await worked.subnet(null, signal);

  const look = await networks.open(address, signal);
  const weighed = await look.subnet(NETUID, { name, ownerColdkey: null }, signal);
  await soon(() => expect(weighed.snapshot).not.toBeNull());
  await soon(() => expect(worked.snapshot).not.toBeNull());
  await look.release();

  const before = wire.asked.length;
  const next = Promise.withResolvers<void>();
  worked.on('snapshot', () => next.resolve());
  devnet.sealBlock();
  await next.promise;
  // The neurons and the price of each block are one call of the runtime each.
  expect(wire.asked.slice(before).filter((method) => method === 'state_call')).toHaveLength(2);
});
