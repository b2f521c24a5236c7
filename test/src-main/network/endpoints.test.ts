import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Network } from '../../../src-main/network/client.ts';
import { closeFault, retryAfterS } from '../../../src-main/network/dial.ts';
import { endpointsOf } from '../../../src-main/network/endpoints.ts';
import {
  BUSY_WAIT_MAX_MS,
  BUSY_WAIT_MS,
  COMPARE_AGAIN_MS,
  COMPARE_EVERY_MS,
  RECONNECT_FIRST_MS,
  RECONNECT_LONGEST_MS,
  RETURN_AFTER_MS,
  START_LIMIT_MS,
} from '../../../src-main/network/limits.ts';
import { openNetwork } from '../../../src-main/network/network.ts';
import { AppError, describeError } from '../../../src-shared/errors/app-error.ts';
import { hex } from '../../../src-shared/units.ts';
import { soon } from '../../soon.ts';
import { type Evil, startEvilNode } from './evil-node.ts';
import { miner, NETUID, startTestChain, startWire } from './rig.ts';

const stops: (() => Promise<void>)[] = [];
const { signal } = new AbortController();
afterEach(async () => {
  vi.useRealTimers();
  for (const stop of stops.splice(0).reverse()) await stop();
});

const OWN = hex('11'.repeat(32));
const busy = (seconds: number) =>
  new AppError('CHAIN_ENDPOINT_BUSY', { endpoint: 'ws://a', limit: 'HTTP 429', seconds });
const gone = new AppError('CHAIN_UNREACHABLE', { endpoint: 'ws://a' });

describe('endpoints', () => {
  function rig(...urls: string[]) {
    let nowMs = 0;
    const all = endpointsOf(
      urls,
      OWN,
      () => nowMs,
      () => 1,
    );
    /** Whether the endpoint is due, without waiting for it. */
    const due = () => all.others('none');
    return { all, due, pass: (ms: number) => (nowMs += ms) };
  }

  it('are taken in their order, and one that failed only after its pause, which doubles to a bound', () => {
    const { all, due, pass } = rig('ws://a', 'ws://b');
    expect(due()).toEqual(['ws://a', 'ws://b']);
    for (let pauseMs = RECONNECT_FIRST_MS; pauseMs < RECONNECT_LONGEST_MS; pauseMs *= 2) {
      all.failed('ws://a', gone, 0);
      pass(pauseMs - 1);
      expect(due()).toEqual(['ws://b']);
      pass(1);
      expect(due()).toEqual(['ws://a', 'ws://b']);
    }
    all.failed('ws://a', gone, 0);
    pass(RECONNECT_LONGEST_MS);
    expect(due()).toEqual(['ws://a', 'ws://b']);
    all.failed('ws://a', gone, RECONNECT_LONGEST_MS + 1);
    pass(RECONNECT_FIRST_MS);
    expect(due()).toEqual(['ws://a', 'ws://b']);
  });

  it('spread their return, so that not all hosts come back at once', () => {
    const waits = [0, 0.5, 1].map((random) => {
      let nowMs = 0;
      const all = endpointsOf(
        ['ws://a'],
        null,
        () => nowMs,
        () => random,
      );
      all.failed('ws://a', gone, 0);
      while (all.others('').length === 0) nowMs++;
      return nowMs;
    });
    expect(waits).toEqual(
      [RECONNECT_FIRST_MS / 2, 0.75 * RECONNECT_FIRST_MS, RECONNECT_FIRST_MS].map(Math.ceil),
    );
  });

  it('are left alone for as long as they ask, and say which limit it was', () => {
    const { all, due, pass } = rig('ws://a');
    all.failed('ws://a', busy(7), 0);
    pass(6_999);
    expect(due()).toEqual([]);
    pass(1);
    expect(due()).toEqual(['ws://a']);
    expect(describeError(all.fault ?? gone).sentence).toContain('HTTP 429');
  });

  it('tell since when they fail and with what, until they are well', () => {
    const { all } = rig('ws://a', 'ws://b');
    all.failed('ws://a', gone, 0);
    expect(all.health[0]).toMatchObject({
      endpoint: 'ws://a',
      fault: { code: 'CHAIN_UNREACHABLE' },
      faultSinceMs: expect.any(Number),
      isLeftAside: false,
    });
    all.well('ws://a', 12);
    expect(all.health[0]).toMatchObject({ fault: null, faultSinceMs: null, latencyMs: 12 });
    expect(all.fault).toBeNull();
  });

  it('are gone back to in their order, after they were well for long', () => {
    const { all, pass } = rig('ws://a', 'ws://b');
    all.failed('ws://a', gone, 0);
    pass(RETURN_AFTER_MS - 1);
    expect(all.better('ws://b')).toBeNull();
    pass(1);
    expect(all.better('ws://b')).toBe('ws://a');
    expect(all.better('ws://a')).toBeNull();
  });

  it('of another chain are never used again in this process', async () => {
    const { all, due } = rig('ws://foreign', 'ws://b');
    all.leaveAside('ws://foreign', hex('22'.repeat(32)), OWN);
    expect(due()).toEqual(['ws://b']);
    const again = endpointsOf(['ws://foreign'], OWN);
    expect(again.health[0]?.isLeftAside).toBe(true);
    expect(await again.next(signal)).toBeNull();
    expect(endpointsOf(['ws://foreign'], hex('22'.repeat(32))).health[0]?.isLeftAside).toBe(false);
  });
});

it.each([
  ['7', 7],
  [' 271 ', 271],
  ['0', 0],
  ['Sun, 29 Nov 2026 10:00:30 GMT', 30],
  ['Sun, 29 Nov 2026 09:00:00 GMT', 0],
  ['999999999', BUSY_WAIT_MAX_MS / 1_000],
  ['9'.repeat(40), BUSY_WAIT_MS / 1_000],
  ['soon', BUSY_WAIT_MS / 1_000],
  ['', BUSY_WAIT_MS / 1_000],
  [undefined, BUSY_WAIT_MS / 1_000],
])('Retry-After %s is heeded for %i s', (header, seconds) => {
  expect(retryAfterS(header, Date.UTC(2026, 10, 29, 10))).toBe(seconds);
});

it('takes a close for policy as a limit, by what it says of itself, and an ordinary one for none', () => {
  const policy = closeFault('ws://a', 1008, Buffer.from('too many\u0007 subscriptions'));
  expect(policy).toMatchObject({
    code: 'CHAIN_ENDPOINT_BUSY',
    params: { limit: '1008 too many subscriptions' },
  });
  expect(closeFault('ws://a', 1000, Buffer.alloc(0))).toBeNull();
  expect(closeFault('ws://a', 1006, Buffer.alloc(0))).toBeNull();
});

describe('a network of several endpoints', () => {
  async function chain(): Promise<Awaited<ReturnType<typeof startTestChain>>> {
    const devnet = await startTestChain();
    stops.push(devnet.stop);
    return devnet;
  }
  async function open(...endpoints: string[]): Promise<Network> {
    const network = await openNetwork({ endpoints, log: () => undefined, signal });
    stops.push(network.stop);
    return network;
  }
  async function evil(what: Evil) {
    const node = await startEvilNode(what);
    stops.push(node.stop);
    return node;
  }

  it('goes to the next where one answers 429, and does not knock there again before its time', async () => {
    const devnet = await chain();
    const full = await evil({ onKnock: () => [429, 'Retry-After: 7\r\n'] });
    const wire = await startWire(devnet.url);
    stops.push(wire.stop);
    const network = await open(full.url, wire.url);
    expect(network.endpoint).toBe(wire.url);
    expect(network.endpoints[0]?.fault).toMatchObject({
      code: 'CHAIN_ENDPOINT_BUSY',
      params: { limit: 'HTTP 429', seconds: 7 },
    });
    wire.cut();
    await soon(() => expect(network.connected).toBe(false));
    wire.mend();
    await soon(() => expect(network.connected).toBe(true));
    expect(full.knocks).toBe(1);
  });

  it('says which limit keeps it out where all endpoints are full', async () => {
    const full = await evil({ onKnock: () => [429, 'Retry-After: 500\r\n'] });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const opening = expect(open(full.url)).rejects.toMatchObject({
      code: 'CHAIN_ENDPOINT_BUSY',
      params: { endpoint: full.url, seconds: 500 },
    });
    await soon(() => expect(full.knocks).toBe(1));
    await soon(() => expect(vi.getTimerCount()).toBe(2));
    await vi.advanceTimersByTimeAsync(START_LIMIT_MS);
    await opening;
  });

  it('opens one socket, however many read through it', async () => {
    const devnet = await chain();
    const wire = await startWire(devnet.url);
    stops.push(wire.stop);
    const network = await open(wire.url);
    const subnet = await network.subnet(NETUID, null, signal);
    const before = wire.frames.length;
    await Promise.all(Array.from({ length: 20 }, () => subnet.balance(miner.address, null, signal)));
    expect(wire.sockets).toBe(1);
    expect(wire.frames.length - before).toBe(1);
  });

  it('leaves a node that answers "too many requests" for the next, and the read comes from there', async () => {
    const devnet = await chain();
    const [first, second] = [await startWire(devnet.url), await startWire(devnet.url)];
    stops.push(first.stop, second.stop);
    const network = await open(first.url, second.url);
    const subnet = await network.subnet(NETUID, null, signal);
    first.answerNext('state_queryStorageAt', -32_005);
    expect(await subnet.balance(miner.address, null, signal)).toBe(1_000_000_000_000n);
    await soon(() => expect(network.endpoint).toBe(second.url));
    expect(network.endpoints[0]?.fault?.code).toBe('CHAIN_ENDPOINT_BUSY');
  });

  it('goes back to the first once that was well for long, and nothing is told twice or missed', async () => {
    const devnet = await chain();
    const [first, second] = [await startWire(devnet.url), await startWire(devnet.url)];
    stops.push(first.stop, second.stop);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const network = await open(first.url, second.url);
    const told = { heads: [] as number[], finalized: [] as number[], connection: [] as boolean[] };
    network.on('head', ({ number }) => told.heads.push(number));
    network.on('finalized', ({ number }) => told.finalized.push(number));
    first.cut();
    await soon(() => expect(network.connected && network.endpoint).toBe(second.url));
    network.on('connection', (connected) => told.connection.push(connected));
    first.mend();
    for (let block = 0; block < 3; block++) devnet.sealBlock();
    await soon(() => expect(told.heads.at(-1)).toBe(4));
    await vi.advanceTimersByTimeAsync(RETURN_AFTER_MS);
    await soon(() => expect(network.endpoint).toBe(first.url));
    for (let block = 0; block < 3; block++) devnet.sealBlock();
    await soon(() => expect(told.finalized.at(-1)).toBe(6));
    expect(told.heads).toEqual([2, 3, 4, 5, 6, 7].slice(-told.heads.length));
    expect(told.finalized).toEqual([1, 2, 3, 4, 5, 6].slice(-told.finalized.length));
    expect(told.connection).toEqual([true]);
  });

  it('leaves an endpoint of another chain aside by its code', async () => {
    const devnet = await chain();
    const other = await startTestChain({ seed: '09'.repeat(32) });
    stops.push(other.stop);
    const network = await open(devnet.url, other.url);
    await soon(() => expect(network.endpoints[1]?.isLeftAside).toBe(true));
    expect(network.endpoints[1]?.fault?.code).toBe('CHAIN_ENDPOINT_OTHER');
    expect(network.endpoint).toBe(devnet.url);
  });

  it('says of an endpoint that was away and is back that it is well', async () => {
    const devnet = await chain();
    const second = await startWire(devnet.url);
    stops.push(second.stop);
    second.cut();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const network = await open(devnet.url, second.url);
    await soon(() => expect(network.endpoints[1]?.fault?.code).toBe('CHAIN_UNREACHABLE'));
    second.mend();
    await vi.advanceTimersByTimeAsync(COMPARE_EVERY_MS);
    await soon(() => expect(network.endpoints[1]).toMatchObject({ fault: null, faultSinceMs: null }));
  });

  it('starts on no endpoint that is not the chain it was given for', async () => {
    const devnet = await chain();
    const endpoints = [devnet.url];
    const opening = openNetwork({ endpoints, genesisHash: OWN, log: () => undefined, signal });
    await expect(opening).rejects.toMatchObject({ code: 'CHAIN_ENDPOINT_OTHER' });
  });

  it('believes neither of two that disagree, until they agree again', async () => {
    const devnet = await chain();
    const [first, second] = [await startWire(devnet.url), await startWire(devnet.url)];
    stops.push(first.stop, second.stop);
    devnet.sealBlock();
    second.lieWith((method, [block]) =>
      method === 'chain_getBlockHash' && block !== 0 ? `0x${'ee'.repeat(32)}` : undefined,
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const network = await open(first.url, second.url);
    const told: number[] = [];
    network.on('finalized', ({ number }) => told.push(number));
    await soon(() => expect(network.connected).toBe(false));
    await expect(network.identity(signal)).rejects.toMatchObject({
      code: 'CHAIN_ENDPOINTS_DISAGREE',
      params: { endpoint: first.url, other: second.url, block: 1 },
    });
    devnet.sealBlock();
    const asked = () => second.asked.filter((method) => method === 'chain_getBlockHash').length;
    const before = asked();
    await vi.advanceTimersByTimeAsync(COMPARE_AGAIN_MS);
    await soon(() => expect(asked()).toBe(before + 1));
    await soon(() => expect(vi.getTimerCount()).toBe(1));
    expect(network.connected).toBe(false);
    expect(told).toEqual([]);
    second.lieWith(() => undefined);
    await vi.advanceTimersByTimeAsync(COMPARE_AGAIN_MS);
    await soon(() => expect(network.connected).toBe(true));
    await soon(() => expect(told).toEqual([2]));
  });
});
