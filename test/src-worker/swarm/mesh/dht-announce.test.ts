import { afterEach, expect, it, vi } from 'vitest';
import { hex } from '../../../../src-shared/units.ts';
import { Dht } from '../../../../src-worker/swarm/mesh/sources/dht/dht.ts';
import { door, identity, runTag } from './dht-rig.ts';

const kad = vi.hoisted(() => ({ provided: [] as string[], putFails: true }));

vi.mock('@libp2p/kad-dht', () => ({
  kadDHT: () => () =>
    Object.assign(new EventTarget(), {
      routingTable: new EventTarget(),
      async *put() {
        if (kad.putFails) throw new Error('nobody near took it in time');
        yield 'done';
      },
      async *provide(name: object, { signal }: { readonly signal: AbortSignal }) {
        signal.throwIfAborted();
        kad.provided.push(String(name));
        yield 'done';
      },
    }),
}));
vi.mock('@libp2p/ping', () => ({ ping: () => () => ({}) }));

afterEach(() => {
  kad.provided = [];
});

it.each([true, false])('tells what it gives, also where its record finds no place (%s)', async (putFails) => {
  kad.putFails = putFails;
  const { hotkey, binding, key } = identity(1);
  const dht = new Dht({ runTag, door, sign: key.sign });
  (dht.services.kad as (components: object) => unknown)({ registrar: {}, peerStore: {} });
  dht.make({ self: hotkey, own: () => ({ binding, addresses: [] }) } as never);
  const state = hex('5a'.repeat(32));
  await dht.provide(state).catch(() => {});
  expect(kad.provided).toEqual([state]);
});
