import type { PeerId } from '@libp2p/interface';
import { afterEach, expect, it, vi } from 'vitest';
import { hex } from '../../../../src-shared/units.ts';
import { Dht } from '../../../../src-worker/swarm/mesh/sources/dht/dht.ts';
import { peerIdOf } from '../../../../src-worker/swarm/mesh/twin.ts';
import { soon } from '../../../soon.ts';
import { door, identity, runTag } from './dht-rig.ts';

const kad = vi.hoisted(() => ({
  ...{ provided: [] as string[], told: [] as string[], puts: 0, putFails: true },
  holders: [] as unknown[],
  table: new EventTarget(),
}));

vi.mock('@libp2p/kad-dht', () => ({
  kadDHT: () => () => {
    const tell = async function* (to: object, { type }: { readonly type: string }) {
      kad.told.push(`${type} ${to}`);
      yield 'done';
    };
    kad.table = Object.assign(new EventTarget(), { closestPeers: () => kad.holders });
    return Object.assign(new EventTarget(), {
      ...{ routingTable: kad.table, network: { sendRequest: tell, sendMessage: tell } },
      async *put() {
        kad.puts++;
        if (kad.putFails) throw new Error('nobody near took it in time');
        yield { name: 'PEER_RESPONSE', messageName: 'PUT_VALUE' };
      },
      async *provide(name: object, { signal }: { readonly signal: AbortSignal }) {
        signal.throwIfAborted();
        kad.provided.push(String(name));
        yield 'done';
      },
    });
  },
}));
vi.mock('@libp2p/ping', () => ({ ping: () => () => ({}) }));

const state = hex('5a'.repeat(32));
const idOf = (number: number): PeerId => peerIdOf(identity(number).key.publicKey);

afterEach(() => Object.assign(kad, { provided: [], told: [], puts: 0, holders: [] }));

function opened(): Dht {
  const { hotkey, binding, key } = identity(1);
  const dht = new Dht({ runTag, door, sign: key.sign });
  (dht.services.kad as (components: object) => unknown)({ registrar: {}, peerStore: {} });
  const own = () => ({ binding, addresses: ['/ip4/203.0.113.5/tcp/4001'] });
  dht.make({ self: hotkey, own, node: { peerId: idOf(1) } } as never);
  return dht;
}

const comes = (peer: PeerId) => kad.table.dispatchEvent(new CustomEvent('peer:add', { detail: peer }));

it.each([true, false])('tells what it gives, also where its record finds no place (%s)', async (putFails) => {
  kad.putFails = putFails;
  await opened()
    .provide(state)
    .catch(() => {});
  expect(kad.provided).toEqual([state]);
});

it('tells everybody near again as long as nobody has its record', async () => {
  opened();
  kad.putFails = true;
  comes(idOf(2));
  await soon(() => expect(kad.puts).toBe(1));
  kad.putFails = false;
  comes(idOf(3));
  await soon(() => expect(kad.puts).toBe(2));
  expect(kad.told).toEqual([]);
});

it('tells a newcomer alone what others have, where it is near, and nobody where it is not', async () => {
  kad.putFails = false;
  await opened().provide(state);
  const [near, far] = [idOf(2), idOf(3)];
  kad.holders = [near];
  comes(far);
  comes(near);
  await soon(() => expect(kad.told).toEqual([`PUT_VALUE ${near}`, `ADD_PROVIDER ${near}`]));
  expect(kad).toMatchObject({ puts: 1, provided: [state] });
});
