import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hex } from '../../../../src-shared/units.ts';
import { DHT_PROVIDER_LIFE_MS, MAX_KNOWN_RECORDS } from '../../../../src-worker/swarm/limits.ts';
import { judgedPeerStore } from '../../../../src-worker/swarm/mesh/sources/dht/gated.ts';
import { encodeRecord, isNewer, readRecord } from '../../../../src-worker/swarm/mesh/sources/dht/record.ts';
import { RecordStore } from '../../../../src-worker/swarm/mesh/sources/dht/record-store.ts';
import { soon } from '../../../soon.ts';
import { DhtPeer, door, identity, runTag } from './dht-rig.ts';

const never = new AbortController().signal;
const peers: DhtPeer[] = [];
afterEach(async () => void (await Promise.all(peers.splice(0).map((peer) => peer.stop()))));

/** So many peers, each connected to the next alone. */
async function chain(size: number): Promise<DhtPeer[]> {
  const all = Array.from({ length: size }, (_, number) => identity(number));
  const hotkeys = all.map(({ hotkey }) => hotkey);
  for (const own of all) peers.push(await DhtPeer.start(own, hotkeys));
  const [, ...later] = peers;
  for (const [at, peer] of later.entries()) await peer.connect(peers[at]!);
  return [...peers];
}

describe('the DHT of a run', () => {
  it('finds where a member listens that was never met, by its name alone', async () => {
    const all = await chain(6);
    const [first, last] = [all[0]!, all.at(-1)!];
    expect(first.directory.get(last.own.hotkey)).toBeNull();
    await soon(async () => expect(await first.dht.find(last.own.hotkey)).toBe(true));
    expect(first.directory.get(last.own.hotkey)?.record).toEqual(last.record);
  });

  it('finds who gives a state, though it was never met, and tries where it listens', async () => {
    const [donor, , newcomer] = (await chain(3)) as [DhtPeer, DhtPeer, DhtPeer];
    const state = hex('5a'.repeat(32));
    const [address] = donor.record.addresses;
    await donor.dht.provide(state);
    await soon(async () => {
      await donor.dht.provide(hex('5b'.repeat(32)));
      await donor.dht.provide(state);
      expect(await newcomer.dht.findDonors(state, never)).toBeGreaterThan(0);
    });
    expect(newcomer.sought).toEqual([address]);
    expect(await newcomer.dht.findDonors(hex('5c'.repeat(32)), never)).toBe(0);
    expect(newcomer.sought).toEqual([]);
  });

  it('keeps no address of a donor that nobody may be sent to', async () => {
    const merged: unknown[] = [];
    const store = { merge: async (_peer: unknown, said: object) => void merged.push(said) };
    const judged = judgedPeerStore(store as never, (told) => told.filter((one) => one.includes('/203.')));
    const multiaddrs = ['/ip4/192.168.1.1/tcp/80', '/ip4/203.0.113.5/tcp/1'].map((one) => multiaddr(one));
    await judged.merge('peer' as never, { multiaddrs });
    expect(merged).toEqual([{ multiaddrs: multiaddrs.slice(1) }]);
  });

  it('tells nothing of who is not registered', async () => {
    const [a, b] = (await chain(2)) as [DhtPeer, DhtPeer];
    const stranger = identity(99);
    expect(await a.dht.find(stranger.hotkey)).toBe(false);
    await soon(async () => expect(await a.dht.find(b.own.hotkey)).toBe(true));
  });

  it('is closed to whom the gate has not let in', async () => {
    const [a, b, c] = (await chain(3)) as [DhtPeer, DhtPeer, DhtPeer];
    await soon(async () => expect(await a.dht.find(c.own.hotkey)).toBe(true));
    b.isOpen = false;
    const late = identity(50);
    const d = await DhtPeer.start(
      late,
      [a, b, c].map(({ own }) => own.hotkey),
    );
    peers.push(d);
    await d.connect(b);
    expect(await d.dht.find(c.own.hotkey)).toBe(false);
  });
});

describe('a record of the DHT', () => {
  const at = { runTag, door };
  const [anna, bob] = [identity(1), identity(2)];
  const record = { binding: anna.binding, addresses: ['/ip4/203.0.113.5/tcp/4001'] };

  it('is read by whoever has the name', () => {
    const bytes = encodeRecord(runTag, record, 7, anna.key.sign);
    expect(readRecord(at, anna.hotkey, bytes)).toEqual({
      hotkey: anna.hotkey,
      bindingSeq: 1,
      seq: 7,
      record,
    });
  });

  it.each<[string, Uint8Array]>([
    ['signed by another key', encodeRecord(runTag, record, 7, bob.key.sign)],
    ['of another run', encodeRecord(hex('ff'.repeat(8)), record, 7, anna.key.sign)],
    ['of somebody else', encodeRecord(runTag, { ...record, binding: bob.binding }, 7, bob.key.sign)],
    [
      'of another subnet',
      encodeRecord(runTag, { ...record, binding: identity(1, { netuid: 1 }).binding }, 7, anna.key.sign),
    ],
    [
      'too long',
      encodeRecord(
        runTag,
        { ...record, addresses: Array(8).fill(`/dns4/${'a'.repeat(245)}`) },
        7,
        anna.key.sign,
      ),
    ],
    ['cut short', encodeRecord(runTag, record, 7, anna.key.sign).subarray(0, -9)],
  ])('%s is none', (_what, bytes) => {
    expect(readRecord(at, anna.hotkey, bytes)).toBeNull();
  });

  it('with any letter changed is none', () => {
    const bytes = encodeRecord(runTag, record, 7, anna.key.sign);
    for (let i = 0; i < bytes.length; i += 5) {
      const changed = bytes.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(readRecord(at, anna.hotkey, changed)).toBeNull();
    }
  });

  it('of a newer binding is newer, then one with a higher number', () => {
    const of = (bindingSeq: number, seq: number) => ({ hotkey: anna.hotkey, bindingSeq, seq, record });
    expect(isNewer(of(2, 1), of(1, 9))).toBe(true);
    expect(isNewer(of(1, 9), of(1, 8))).toBe(true);
    expect(isNewer(of(1, 8), of(1, 8))).toBe(false);
  });
});

describe('what kad-dht keeps here', () => {
  const store = () => new RecordStore((one, other) => (one[0] ?? 0) > (other[0] ?? 0));

  it('is never put out by something older', () => {
    const held = store();
    for (const value of [3, 9, 4]) held.put('/dht/record/a', Uint8Array.of(value));
    expect(held.get('/dht/record/a')).toEqual(Uint8Array.of(9));
  });

  const given = async (held: RecordStore, of: string) => {
    const names: string[] = [];
    for await (const { key } of held.query({ prefix: `/dht/provider/${of}` })) names.push(key.toString());
    return names;
  };

  it('is of each peer the newest two things that it gives, and no more peers than a run has hotkeys', async () => {
    const held = store();
    for (const what of ['a', 'b', 'c', 'b']) held.put(`/dht/provider/${what}/anna`, Uint8Array.of(1));
    held.put('/dht/provider/bb/anna2', Uint8Array.of(1));
    expect(await given(held, 'a')).toEqual([]);
    expect(await given(held, 'b')).toEqual(['/dht/provider/b/anna']);
    expect(await given(held, 'c')).toEqual(['/dht/provider/c/anna']);
    for (let i = 0; i < MAX_KNOWN_RECORDS; i++) held.put(`/dht/provider/many/peer${i}`, Uint8Array.of(1));
    expect(await given(held, 'many')).toHaveLength(MAX_KNOWN_RECORDS - 2);
  });

  it('is no provider any more that has not said so for long', async () => {
    const held = store();
    held.put('/dht/provider/a/anna', Uint8Array.of(1));
    const real = performance.now();
    const now = vi.spyOn(performance, 'now').mockReturnValue(real + DHT_PROVIDER_LIFE_MS + 1_000);
    try {
      expect(await given(held, 'a')).toEqual([]);
    } finally {
      now.mockRestore();
    }
  });

  it('is no more than a run has hotkeys', () => {
    const held = store();
    for (let i = 0; i <= MAX_KNOWN_RECORDS; i++) held.put(`/dht/record/${i}`, Uint8Array.of(1));
    expect(held.has(`/dht/record/${MAX_KNOWN_RECORDS}`)).toBe(false);
    expect(() => held.get('/dht/record/none')).toThrow(expect.objectContaining({ name: 'NotFoundError' }));
  });
});
