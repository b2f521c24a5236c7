import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BlockTimer, chainView } from '../../../src-main/view/chain-view.ts';
import { swarmView } from '../../../src-main/view/swarm-view.ts';
import { afterStep, withHeldOut } from '../../../src-main/view/training-view.ts';
import { VIEW_EVERY_MS, ViewKeeper } from '../../../src-main/view/view-keeper.ts';
import type { View } from '../../../src-shared/contract/page.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

const app: View['app'] = { version: '0', shell: 'web', dataDir: '/d' };
const facts = { unigramEntropy: 6.8, engine: 'cpu', parameters: 10 } as Parameters<typeof afterStep>[2];
const step = (over = {}) => ({
  atMs: 1,
  step: 3,
  round: 0,
  innerStep: 3,
  loss: 8,
  lr: 1e-3,
  gradNorm: 1,
  tokens: 256,
  stepMs: 128,
  ...over,
});

describe('view keeper', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives a new page everything and then only what changed, in one batch', () => {
    const keeper = new ViewKeeper(app);
    const patches: (readonly string[])[] = [];
    keeper.connect({ patch: (sections) => patches.push(Object.keys(sections)) });
    expect(patches[0]).toContain('wallet');
    keeper.update({ setup: [] });
    keeper.update({ worker: { kind: 'training' } });
    vi.advanceTimersByTime(VIEW_EVERY_MS);
    expect(patches.slice(1)).toEqual([['setup', 'worker']]);
  });

  it('runs no timer while nobody looks', () => {
    const keeper = new ViewKeeper(app);
    keeper.update({ worker: { kind: 'training' } });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells a page that left nothing more', () => {
    const keeper = new ViewKeeper(app);
    const patch = vi.fn();
    const leave = keeper.connect({ patch });
    leave();
    keeper.update({ setup: [] });
    vi.advanceTimersByTime(VIEW_EVERY_MS * 2);
    expect(patch).toHaveBeenCalledTimes(1);
  });
});

describe('training view', () => {
  it('takes the rate from tokens over the time they took', () => {
    expect(afterStep(null, step(), facts).tokensPerSecond).toBe(2_000);
  });

  it('moves its average towards each loss', () => {
    const first = afterStep(null, step(), facts);
    const next = afterStep(first, step({ loss: 6 }), facts);
    expect(first.lossAverage).toBe(8);
    expect(next.lossAverage).toBeLessThan(8);
    expect(next.lossAverage).toBeGreaterThan(6);
  });

  it('knows a held-out loss before the first step, and no training loss', () => {
    const view = withHeldOut(null, { round: -1, loss: 8.3, atMs: 1 }, facts);
    expect(view).toMatchObject({ loss: null, tokensPerSecond: null, heldOut: [{ round: -1, loss: 8.3 }] });
  });

  it('keeps one held-out loss for each round', () => {
    const once = withHeldOut(null, { round: 1, loss: 7, atMs: 1 }, facts);
    expect(withHeldOut(once, { round: 1, loss: 6, atMs: 2 }, facts).heldOut).toHaveLength(1);
  });
});

describe('chain view', () => {
  const block = (number: number, seenAtMs: number) => ({ number, seenAtMs, hash: hex('aa') });

  it('is unknown until the block time is', () => {
    const timer = new BlockTimer();
    timer.note(block(1, 0));
    const chain = { endpoint: 'ws://x', head: block(1, 0), finalized: block(1, 0), connected: true };
    expect(chainView(chain, timer)).toBeNull();
    timer.note(block(3, 2_000));
    expect(chainView(chain, timer)?.blockMs).toBe(1_000);
  });
});

describe('swarm view', () => {
  const [me, honest, rider, witness] = ['me', 'honest', 'rider', 'witness'].map(ss58) as [
    never,
    never,
    never,
    never,
  ];
  const book = {
    peers: new Map([
      [rider, { connected: true, ready: null }],
      [honest, { connected: false, ready: null }],
      [witness, { connected: true, ready: null }],
    ]),
    rates: { up: null, down: null },
    stop: () => {},
  };
  const card = { hotkey: rider, terms: { gradient: { value: 0, why: '' } } };
  const view = swarmView({
    self: me,
    role: 'miner',
    book,
    neurons: [],
    witnesses: [witness],
    scores: { all: [card] } as never,
    round: 3,
    late: new Map(),
  });
  const of = (hotkey: string) => view.peers.find((peer) => peer.hotkey === hotkey);

  it('lists this peer first', () => {
    expect(view.peers[0]).toMatchObject({ hotkey: 'me', self: true, connected: true, state: 'training' });
  });

  it('tells who is away, who validates and whose gradient was refused', () => {
    expect(of('honest')?.state).toBe('away');
    expect(of('witness')).toMatchObject({ state: 'validating', role: 'validator' });
    expect(of('rider')?.state).toBe('gradient-refused');
  });

  it('shows no rate before anything moved', () => {
    expect(view.upBytesPerS).toBeNull();
    expect(view.connected).toBe(2);
  });
});
