import { afterEach, expect, it } from 'vitest';
import { callsOf } from '../../../bench/net/calls.ts';
import { whyNoNetwork } from '../../../bench/net/ip.ts';
import { type Network, openNetwork } from '../../../bench/net/network.ts';
import { atRest } from '../../../bench/net/rest.ts';
import type { FarEndCalls } from './far-end.ts';

/** Namespaces with shaped lines; needs root, `ip` and `tc`. */
const canRun = (await whyNoNetwork()) === null;
const FAR_END = new URL('./far-end.ts', import.meta.url);
/** A second and a half of the line, of which its queue holds some milliseconds. */
const [BITS_PER_S, BYTES] = [8e6, 1_500_000];

let network: Network | null = null;
const children: { disconnect(): void }[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.disconnect();
  await network?.stop();
});

it.runIf(canRun)('lines are at rest when all that was handed over has come', async () => {
  network = await openNetwork([{ upBitsPerS: BITS_PER_S }, { upBitsPerS: null }]);
  const [from, to] = network.places.map((place) => {
    const child = place.fork(FAR_END);
    children.push(child);
    return callsOf<FarEndCalls>(child);
  });
  const { address } = network.places[1]!;
  await from!.send(address, await to!.listen(address), BYTES);
  expect(await to!.came()).toBeLessThan(BYTES);
  await atRest(network.places);
  expect(await to!.came()).toBe(BYTES);
});
