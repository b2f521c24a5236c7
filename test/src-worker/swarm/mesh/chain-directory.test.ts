import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CHAIN_WINDOW_ADDRESSES, CHAIN_WINDOW_MS } from '../../../../src-worker/swarm/limits.ts';
import { ChainDirectory } from '../../../../src-worker/swarm/mesh/sources/chain-directory.ts';
import type { Surroundings } from '../../../../src-worker/swarm/mesh/sources/source.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

async function source({ connected = [] as string[], listenHost = '0.0.0.0' } = {}) {
  const chain = new ChainDirectory();
  const changed = vi.fn();
  const members = { has: (hotkey: string) => connected.includes(hotkey) };
  const made = chain.make({ members, self: '5Self', listenHost, changed } as unknown as Surroundings);
  await made.start();
  return { chain, changed, made };
}
const entry = (hotkey: string, host: string) => ({ hotkey, address: `/ip4/${host}/tcp/8091` });

it('names where those answer who are not connected, and not ourselves', async () => {
  const { chain, changed, made } = await source({ connected: ['5Near'] });
  chain.tell([entry('5Self', '198.51.100.1'), entry('5Near', '198.51.100.2'), entry('5Far', '198.51.100.3')]);
  expect(made.addresses()).toEqual(['/ip4/198.51.100.3/tcp/8091']);
  expect(changed).toHaveBeenCalledOnce();
});

it('has nobody knock at doors of this machine', async () => {
  const { chain, made } = await source();
  chain.tell([entry('5Sly', '127.0.0.1')]);
  expect(made.addresses()).toEqual([]);
});

it('names few of a full subnet at a time, and all of them in turn', async () => {
  const { chain, made } = await source();
  chain.tell(Array.from({ length: 256 }, (_, uid) => entry(`5Uid${uid}`, `198.51.100.${uid}`)));
  const named = new Set<string>();
  for (let turn = 0; turn < 256 / CHAIN_WINDOW_ADDRESSES; turn++) {
    const now = made.addresses();
    expect(now).toHaveLength(CHAIN_WINDOW_ADDRESSES);
    for (const address of now) named.add(address);
    vi.advanceTimersByTime(CHAIN_WINDOW_MS);
  }
  expect(named.size).toBe(256);
});
