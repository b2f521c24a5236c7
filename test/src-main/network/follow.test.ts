import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BlockRef } from '../../../src-main/network/chain.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import { soon } from '../../soon.ts';
import {
  connect,
  connectedIs,
  miner,
  startTestChain,
  startWire,
  type TestChain,
  type Wire,
  when,
} from './rig.ts';

describe('following a chain', () => {
  const stops: (() => Promise<void>)[] = [];
  const life = new AbortController();
  const { signal } = life;

  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  async function begin(): Promise<Devnet> {
    const devnet = await startTestChain();
    stops.push(devnet.stop);
    return devnet;
  }
  async function wireTo(devnet: Devnet): Promise<Wire> {
    const wire = await startWire(devnet.url);
    stops.push(wire.stop);
    return wire;
  }
  async function open(...urls: string[]): Promise<TestChain> {
    const chain = await connect(urls, signal);
    stops.push(chain.stop);
    return chain;
  }
  function finalizedOf(chain: TestChain): BlockRef[] {
    const told: BlockRef[] = [];
    chain.on('finalized', (block) => told.push(block));
    return told;
  }
  const seal = (devnet: Devnet, blocks: number) => {
    for (let i = 0; i < blocks; i++) devnet.sealBlock();
  };
  const consecutive = (blocks: readonly BlockRef[]) =>
    blocks.every((block, i) => i === 0 || block.number === (blocks[i - 1]?.number ?? 0) + 1);

  it('tells heads and finalized blocks as they come', async () => {
    const devnet = await begin();
    const chain = await open(devnet.url);
    const head = when(chain, 'head', ({ number }) => number === 3);
    const final = when(chain, 'finalized', ({ number }) => number === 2);
    seal(devnet, 2);
    expect((await head).hash).toBe(await chain.blockHash(3, signal));
    expect((await final).hash).toBe(await chain.blockHash(2, signal));
  });

  it('tells every finalized block in order across a lost connection', async () => {
    const devnet = await begin();
    const wire = await wireTo(devnet);
    const chain = await open(wire.url);
    const told = finalizedOf(chain);
    const second = when(chain, 'finalized', ({ number }) => number === 2);
    seal(devnet, 2);
    await second;
    wire.cut();
    await connectedIs(chain, false);
    seal(devnet, 40);
    const caughtUp = when(chain, 'finalized', ({ number }) => number === 42);
    wire.mend();
    await caughtUp;
    expect(consecutive(told)).toBe(true);
    expect(told.at(-1)?.number).toBe(42);
    for (const { number, hash } of told.slice(-5)) expect(await chain.blockHash(number, signal)).toBe(hash);
  });

  it('fills what the node itself left out', async () => {
    const devnet = await begin();
    const wire = await wireTo(devnet);
    const chain = await open(wire.url);
    const told = finalizedOf(chain);
    const first = when(chain, 'finalized', ({ number }) => number === 2);
    seal(devnet, 2);
    await first;
    wire.swallowAnswers();
    seal(devnet, 5);
    await settled();
    wire.cut();
    const last = when(chain, 'finalized', ({ number }) => number === 7);
    wire.mend();
    await last;
    expect(told.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('moves to the next endpoint when one is gone', async () => {
    const devnet = await begin();
    const [one, two] = [await wireTo(devnet), await wireTo(devnet)];
    const chain = await open(one.url, two.url);
    expect(chain.endpoint).toBe(one.url);
    one.cut();
    await connectedIs(chain, false);
    await connectedIs(chain, true);
    expect(chain.endpoint).toBe(two.url);
    expect(await chain.balance(miner.address, null, signal)).toBeGreaterThan(0n);
  });

  it('starts on the second endpoint when the first is dead', async () => {
    const devnet = await begin();
    const chain = await open('ws://127.0.0.1:9', devnet.url);
    expect(chain.endpoint).toBe(devnet.url);
  });

  it('never moves to a node of another chain', async () => {
    const devnet = await begin();
    const other = await startTestChain({ seed: '09'.repeat(32) });
    stops.push(other.stop);
    const wire = await wireTo(devnet);
    const foreign = await wireTo(other);
    const chain = await open(wire.url, foreign.url);
    wire.cut();
    await soon(() => expect(foreign.asked).toContain('chain_getBlockHash'));
    wire.mend();
    await connectedIs(chain, true);
    expect(chain.endpoint).toBe(wire.url);
    expect(chain.genesisHash).toBe(devnet.genesisHash.replace(/^0x/, ''));
  });

  it('asks for metadata once, also where the socket is lost', async () => {
    const devnet = await begin();
    const wire = await wireTo(devnet);
    const chain = await open(wire.url);
    const asked = () => wire.frames.filter((frame) => /"Metadata_|state_getMetadata/.test(frame)).length;
    const before = asked();
    expect(before).toBeGreaterThan(0);
    wire.cut();
    await connectedIs(chain, false);
    wire.mend();
    await connectedIs(chain, true);
    expect(await chain.balance(miner.address, null, signal)).toBeGreaterThan(0n);
    expect(asked()).toBe(before);
  });

  it('finishes a read that a lost connection interrupted', async () => {
    const devnet = await begin();
    const wire = await wireTo(devnet);
    const chain = await open(wire.url);
    wire.swallowAnswers();
    const balance = chain.balance(miner.address, null, signal);
    wire.cut();
    wire.mend();
    expect(await balance).toBe(1_000_000_000_000n);
  });

  it('opens a fresh session with fresh metadata after an upgrade', async () => {
    const devnet = await begin();
    const wire = await wireTo(devnet);
    const chain = await open(wire.url);
    const askedBefore = wire.asked.filter((method) => method === 'rpc_methods').length;
    const notice = JSON.parse(wire.lastSaid('state_runtimeVersion'));
    notice.params.result.specVersion += 1;
    wire.say(JSON.stringify(notice));
    await connectedIs(chain, false);
    await connectedIs(chain, true);
    expect(wire.asked.filter((method) => method === 'rpc_methods').length).toBe(askedBefore + 1);
    expect(await chain.alphaPrice(null, signal)).toBeGreaterThan(0n);
  });

  it.each([
    ['no JSON', () => '{'],
    ['an array', () => '[]'],
    ['a header without a number', (wire: Wire) => withHeader(wire, { parentHash: '0x00' })],
    ['a header with an endless number', (wire: Wire) => withHeader(wire, { number: `0x${'f'.repeat(99)}` })],
  ])('leaves a node that says %s and comes back', async (_name, message) => {
    const devnet = await begin();
    const wire = await wireTo(devnet);
    const chain = await open(wire.url);
    const first = when(chain, 'head', () => true);
    seal(devnet, 1);
    await first;
    wire.say(message(wire));
    await connectedIs(chain, false);
    await connectedIs(chain, true);
    expect(await chain.balance(miner.address, null, signal)).toBeGreaterThan(0n);
  });

  it('goes on telling others when one listener fails', async () => {
    const devnet = await begin();
    const chain = await open(devnet.url);
    const warned = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    chain.on('head', () => {
      throw new Error('a fault of the listener');
    });
    const head = when(chain, 'head', ({ number }) => number === 2);
    seal(devnet, 1);
    await head;
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
    expect(chain.connected).toBe(true);
  });

  it('gives up the start when no endpoint answers in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    try {
      const start = connect(['ws://127.0.0.1:9'], signal);
      const outcome = expect(start).rejects.toMatchObject({
        code: 'CHAIN_UNREACHABLE',
        params: { endpoint: 'ws://127.0.0.1:9' },
      });
      await vi.advanceTimersByTimeAsync(61_000);
      await outcome;
    } finally {
      vi.useRealTimers();
    }
  });

  it('stops starting when told to', async () => {
    const abort = new AbortController();
    const start = connect(['ws://127.0.0.1:9'], abort.signal);
    abort.abort();
    await expect(start).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

function withHeader(wire: Wire, change: Record<string, unknown>): string {
  const notice = JSON.parse(wire.lastSaid('chain_newHead'));
  notice.params.result = { ...notice.params.result, number: undefined, ...change };
  return JSON.stringify(notice);
}

/** One turn through the event loop's I/O, for what the loopback already holds. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
