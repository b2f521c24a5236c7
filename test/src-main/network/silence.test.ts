import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Looks } from '../../../src-main/network/follow.ts';
import {
  ASK_LIFE_LONGEST_MS,
  HANDSHAKE_LIMIT_MS,
  LIFE_ANSWER_LIMIT_MS,
  SILENCE_LIMIT_MS,
} from '../../../src-main/network/limits.ts';
import { openNetwork } from '../../../src-main/network/network.ts';
import { openNodeSocket } from '../../../src-main/network/node-socket.ts';
import { silence } from '../../../src-main/network/silence.ts';
import { soon } from '../../soon.ts';
import { CONTROL_TOKEN, startTestChain, startWire } from './rig.ts';

/** A clock that the test moves, and a look at each of its moves. */
function handClock(): Looks & { pass(ms: number): void } {
  let nowMs = 0;
  const looks = new Set<() => void>();
  return {
    nowMs: () => nowMs,
    every(_everyMs, look) {
      looks.add(look);
      return () => looks.delete(look);
    },
    pass(ms) {
      nowMs += ms;
      for (const look of looks) look();
    },
  };
}

describe('a connection that has gone silent', () => {
  const stops: (() => Promise<void>)[] = [];
  const { signal } = new AbortController();
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  /** A chain behind a wire, followed from its first heads on. */
  async function begin() {
    const devnet = await startTestChain();
    stops.push(devnet.stop);
    const wires = [await startWire(devnet.url), await startWire(devnet.url)] as const;
    stops.push(...wires.map(({ stop }) => stop));
    const clock = handClock();
    const endpoints = wires.map(({ url }) => url);
    const network = await openNetwork({ endpoints, log: () => undefined, signal, looks: clock });
    stops.push(network.stop);
    const seen = { heads: [] as number[], finalized: [] as number[], silences: [] as (number | null)[] };
    network.on('head', ({ number }) => seen.heads.push(number));
    network.on('finalized', ({ number }) => seen.finalized.push(number));
    network.on('silence', (sinceMs) => seen.silences.push(sinceMs));
    const seal = async (blocks: number, wanted: keyof typeof seen = 'heads') => {
      const before = seen[wanted].length;
      for (let i = 0; i < blocks; i++) devnet.sealBlock();
      await soon(() => expect(seen[wanted].length).toBe(before + blocks));
    };
    const control = await openNodeSocket(devnet.url, signal);
    stops.push(async () => control.close());
    const finalize = (goesOn: boolean) => control.request('devnet_finalize', [CONTROL_TOKEN, goesOn], signal);
    await seal(2);
    return { finalize, devnet, first: wires[0], second: wires[1], clock, network, seen, seal };
  }
  type Rig = Awaited<ReturnType<typeof begin>>;
  const ended = ({ network }: Rig) =>
    new Promise<void>((resolve) => {
      network.on('connection', (connected) => connected || resolve());
    });
  /** Looks again and again without time passing, until the session is on the second endpoint. */
  const moved = ({ network, clock, second }: Rig) =>
    soon(() => {
      clock.pass(0);
      expect(network.connected && network.endpoint).toBe(second.url);
    });

  it.each([
    ['heads', 'chain_newHead'],
    ['finalized blocks', 'chain_finalizedHead'],
    ['both', '"subscription"'],
  ])('is left when its subscription to %s died and its node goes on answering', async (_what, text) => {
    const rig = await begin();
    rig.first.swallow(text);
    for (let i = 0; i < 3; i++) rig.devnet.sealBlock();
    rig.clock.pass(ASK_LIFE_LONGEST_MS);
    await moved(rig);
    const newest = rig.devnet.sealBlock();
    await soon(() =>
      expect([rig.seen.heads.at(-1), rig.seen.finalized.at(-1)]).toEqual([newest, newest - 1]),
    );
    const { heads, finalized } = rig.seen;
    expect(new Set(heads).size).toBe(heads.length);
    expect(finalized).toEqual(finalized.map((_block, i) => (finalized[0] ?? 0) + i));
  });

  it('is left when its node answers nothing any more', async () => {
    const rig = await begin();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      rig.first.swallow('');
      const end = ended(rig);
      rig.clock.pass(ASK_LIFE_LONGEST_MS);
      await vi.advanceTimersByTimeAsync(LIFE_ANSWER_LIMIT_MS + 1_000);
      await end;
    } finally {
      vi.useRealTimers();
    }
    await moved(rig);
  });

  it('is left when its heads are never final, and says since when', async () => {
    const rig = await begin();
    await rig.finalize(false);
    const blocks = SILENCE_LIMIT_MS / 1_000;
    for (let i = 0; i < blocks; i++) {
      expect(rig.network.endpoint).toBe(rig.first.url);
      await rig.seal(1);
      rig.clock.pass(1_000);
    }
    await moved(rig);
    expect(rig.seen.silences).toEqual([expect.any(Number)]);
    expect(rig.network.silentSinceMs).toBeLessThanOrEqual(Date.now() - SILENCE_LIMIT_MS);
    await rig.finalize(true);
    await soon(() => expect(rig.network.silentSinceMs).toBeNull());
    expect(rig.seen.silences.at(-1)).toBeNull();
    // Block by block: the first of those that became final ends the silence, the last may be on its way still.
    await soon(() => expect(rig.seen.finalized.at(-1)).toBeGreaterThan(blocks));
  });

  it('is told once, and is no silence of the next node when the whole chain rests', async () => {
    const rig = await begin();
    rig.clock.pass(SILENCE_LIMIT_MS);
    await moved(rig);
    rig.clock.pass(SILENCE_LIMIT_MS);
    expect(rig.network.endpoint).toBe(rig.second.url);
    expect(rig.seen.silences).toHaveLength(1);
    expect(new Set(rig.seen.heads).size).toBe(rig.seen.heads.length);
    await rig.seal(1, 'finalized');
    expect(rig.seen.silences).toEqual([expect.any(Number), null]);
  });
});

it('starts on the next endpoint where the first accepts and never answers the upgrade', async () => {
  const devnet = await startTestChain();
  const hung = createServer((socket) => socket.on('error', () => socket.destroy()));
  hung.listen(0, '127.0.0.1');
  await once(hung, 'listening');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const url = `ws://127.0.0.1:${(hung.address() as AddressInfo).port}`;
    const life = new AbortController();
    const opening = openNetwork({ endpoints: [url, devnet.url], log: () => undefined, signal: life.signal });
    await once(hung, 'connection');
    await vi.advanceTimersByTimeAsync(HANDSHAKE_LIMIT_MS);
    vi.useRealTimers();
    const network = await opening;
    expect(network.endpoint).toBe(devnet.url);
    expect(network.endpoints[0]).toMatchObject({ endpoint: url, fault: { code: 'CHAIN_UNREACHABLE' } });
    await network.stop();
  } finally {
    vi.useRealTimers();
    hung.close();
    await devnet.stop();
  }
});

describe('the rule of silence', () => {
  /** A chain of that pace, seen for ten blocks. */
  function paced(blockMs: number) {
    let nowMs = 0;
    const rule = silence(() => nowMs);
    for (let block = 1; block <= 10; block++) {
      nowMs += blockMs;
      rule.seen('head', block);
      rule.seen('final', block);
    }
    return {
      rule,
      later(ms: number) {
        nowMs += ms;
        return rule.due();
      },
    };
  }

  it('asks the node of a 12 s chain after one and a half blocks, and leaves it before rounds wait', () => {
    const { rule, later } = paced(12_000);
    expect(later(17_999)).toBe('nothing');
    expect(later(1)).toBe('ask');
    expect(rule.silentForMs()).toBeNull();
    expect(later(29_999)).toBe('ask');
    expect(later(1)).toBe('head');
    expect(rule.silentForMs()).toBe(48_000);
  });

  it('gives a slow chain four of its own blocks', () => {
    const { later } = paced(60_000);
    expect(later(239_999)).toBe('ask');
    expect(later(1)).toBe('head');
  });

  it('sees heads that are never final', () => {
    const { rule, later } = paced(1_000);
    for (let block = 11; block < 11 + SILENCE_LIMIT_MS / 1_000; block++) {
      expect(later(1_000)).not.toBe('head');
      rule.seen('head', block);
    }
    expect(rule.due()).toBe('final');
  });

  it('waits twice as long where a new session was no better, and once as long after the next block', () => {
    const { rule, later } = paced(1_000);
    expect(later(SILENCE_LIMIT_MS)).toBe('head');
    rule.left('head');
    rule.left('final');
    rule.opened();
    expect(later(SILENCE_LIMIT_MS)).toBe('ask');
    expect(later(SILENCE_LIMIT_MS)).toBe('head');
    rule.seen('head', 11);
    rule.seen('final', 11);
    expect(later(1.5 * SILENCE_LIMIT_MS)).toBe('head');
  });
});
