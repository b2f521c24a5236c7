import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BlockTimer } from '../../../src-main/network/block-timer.ts';
import { type KnownPeer, nobodyYet } from '../../../src-main/runs/peer-book.ts';
import { chainView } from '../../../src-main/view/chain-view.ts';
import { swarmView } from '../../../src-main/view/swarm-view.ts';
import {
  afterSkipped,
  afterStep,
  beforeTraining,
  heldOutShown,
  shownActivity,
} from '../../../src-main/view/training-view.ts';
import { VIEW_EVERY_MS, VIEW_MOVING_MS, ViewKeeper } from '../../../src-main/view/view-keeper.ts';
import type { AppFacts } from '../../../src-shared/contract/page/app.ts';
import type { RunFacts } from '../../../src-shared/contract/page/runs.ts';
import {
  applyPatch,
  isWhole,
  type View,
  type ViewPatch,
} from '../../../src-shared/contract/page/sections.ts';
import { liveProfile } from '../../../src-shared/profile/shipped.ts';
import type { Ready } from '../../../src-shared/rounds/messages.ts';
import type { Rates } from '../../../src-shared/scoring/bandwidth.ts';
import { why } from '../../../src-shared/scoring/why.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

const app: AppFacts = { version: '0', shell: 'web', dataDir: '/d', program: 'npm start --' };
const facts = { unigramEntropy: 6.8, engine: 'cpu', parameters: 10 } as Parameters<typeof afterStep>[2];
const { consensus } = liveProfile('gpt2-124m');
const runFacts = { role: 'miner' } as RunFacts;
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

describe('what the trainer does', () => {
  it.each([
    [{ kind: 'training', round: 3 }, { kind: 'training' }],
    [{ kind: 'resting', round: 3, steps: 64 }, { kind: 'resting' }],
    [{ kind: 'paused' }, { kind: 'paused' }],
    [
      { kind: 'busy', work: 'contributing' },
      { kind: 'busy', with: 'average' },
    ],
    [
      { kind: 'busy', work: 'evaluating' },
      { kind: 'busy', with: 'checks' },
    ],
  ] as const)('is shown as it says: %o', (activity, shown) => {
    expect(shownActivity(activity)).toEqual(shown);
  });

  it('is not called rest before a round is open', () => {
    expect(shownActivity({ kind: 'resting', round: null, steps: 0 })).toBeNull();
  });
});

describe('view keeper', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A page that keeps what it is told as the real one does. */
  function page(keeper: ViewKeeper): { readonly patches: ViewPatch[]; view(): View | null; leave(): void } {
    const patches: ViewPatch[] = [];
    let view: View | null = null;
    const leave = keeper.connect({
      patch(patch) {
        patches.push(patch);
        if (view) view = applyPatch(view, patch);
        else if (isWhole(patch)) view = patch;
      },
    });
    return { patches, view: () => view, leave };
  }

  it('gives a new page everything and then only what changed, in one batch', () => {
    const keeper = new ViewKeeper(app);
    keeper.beginRun('a', runFacts);
    const { patches } = page(keeper);
    expect(Object.keys(patches[0] ?? {})).toContain('notices');
    keeper.updateRun('a', { stopsAfterRound: 3 });
    keeper.updateRun('a', { worker: { kind: 'training' } });
    vi.advanceTimersByTime(VIEW_EVERY_MS);
    expect(patches.slice(1)).toEqual([{ runs: { a: { stopsAfterRound: 3, worker: { kind: 'training' } } } }]);
  });

  it('sends nothing where a section says what it said before', () => {
    const keeper = new ViewKeeper(app);
    keeper.beginRun('a', runFacts);
    keeper.updateRun('a', { activity: { kind: 'resting' } });
    const { patches } = page(keeper);
    keeper.updateRun('a', { activity: { kind: 'resting' } });
    keeper.update({ clock: null });
    expect(vi.getTimerCount()).toBe(0);
    expect(patches).toHaveLength(1);
  });

  it('keeps two runs apart, and ends one without the other', () => {
    const keeper = new ViewKeeper(app);
    const { view } = page(keeper);
    keeper.beginRun('a', runFacts);
    keeper.beginRun('b', { ...runFacts, role: 'validator' });
    keeper.updateRun('b', { worker: { kind: 'training' } });
    vi.advanceTimersByTime(VIEW_EVERY_MS);
    expect(view()).toEqual(keeper.view);
    expect(view()?.runs.a?.worker).toEqual({ kind: 'idle' });
    keeper.endRun('a');
    keeper.updateRun('a', { stopsAfterRound: 1 });
    vi.advanceTimersByTime(VIEW_EVERY_MS);
    expect(Object.keys(view()?.runs ?? {})).toEqual(['b']);
  });

  it('carries nothing over to a run that begins anew between two batches', () => {
    const keeper = new ViewKeeper(app);
    const { view } = page(keeper);
    keeper.beginRun('a', runFacts);
    keeper.updateRun('a', { stopsAfterRound: 9 });
    vi.advanceTimersByTime(VIEW_EVERY_MS);
    keeper.endRun('a');
    keeper.beginRun('a', runFacts);
    vi.advanceTimersByTime(VIEW_EVERY_MS);
    expect(view()?.runs.a?.stopsAfterRound).toBeNull();
  });

  it('tells sooner while parts of a round travel', () => {
    const keeper = new ViewKeeper(app);
    keeper.beginRun('a', runFacts);
    const { patches } = page(keeper);
    keeper.updateRun('a', { stopsAfterRound: 1 });
    vi.advanceTimersByTime(VIEW_EVERY_MS - VIEW_MOVING_MS - 1);
    expect(patches).toHaveLength(1);
    keeper.updateRun('a', { round: { edges: [{ state: 'moving' }] } as never });
    vi.advanceTimersByTime(VIEW_MOVING_MS);
    expect(patches).toHaveLength(2);
    vi.advanceTimersByTime(VIEW_EVERY_MS);
    expect(patches).toHaveLength(2);
  });

  it('runs no timer while nobody looks', () => {
    const keeper = new ViewKeeper(app);
    keeper.beginRun('a', runFacts);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells a page that left nothing more', () => {
    const keeper = new ViewKeeper(app);
    const { patches, leave } = page(keeper);
    leave();
    keeper.beginRun('a', runFacts);
    vi.advanceTimersByTime(VIEW_EVERY_MS * 2);
    expect(patches).toHaveLength(1);
  });
});

describe('training view', () => {
  it('takes the rate from tokens over the time they took', () => {
    expect(afterStep(null, step(), facts, consensus).tokensPerSecond).toBe(2_000);
  });

  it('moves its average towards each loss', () => {
    const first = afterStep(null, step(), facts, consensus);
    const next = afterStep(first, step({ loss: 6 }), facts, consensus);
    expect(first.lossAverage).toBe(8);
    expect(next.lossAverage).toBeLessThan(8);
    expect(next.lossAverage).toBeGreaterThan(6);
  });

  it('counts the steps that were not taken', () => {
    const first = afterSkipped(beforeTraining(facts, consensus), 2);
    const then = afterStep(first, step(), facts, consensus);
    expect(afterSkipped(then, 1).skippedSteps).toBe(3);
  });

  it('knows nothing of a loss before the first step', () => {
    expect(beforeTraining(facts, consensus)).toMatchObject({ loss: null, tokensPerSecond: null, tokens: 0 });
  });

  it('keeps one held-out loss for each round', () => {
    const points = [
      { round: 1, loss: 7, atMs: 1 },
      { round: 1, loss: 6, atMs: 2 },
      { round: -1, loss: 8, atMs: 0 },
    ];
    expect(heldOutShown(points).map(({ loss }) => loss)).toEqual([8, 6]);
  });

  it('keeps the first held-out loss of all, however many came since', () => {
    const points = Array.from({ length: 700 }, (_, i) => ({ round: i - 1, loss: 1, atMs: i }));
    const shown = heldOutShown(points);
    expect([shown[0]?.round, shown[1]?.round, shown.at(-1)?.round]).toEqual([-1, 199, 698]);
  });
});

describe('chain view', () => {
  const block = (number: number, seenAtMs: number) => ({ number, seenAtMs, hash: hex('aa') });

  it('is unknown until the block time is', () => {
    const timer = new BlockTimer();
    timer.note(block(1, 0), 0);
    const chain = {
      endpoint: 'ws://x',
      head: block(1, 0),
      finalized: block(1, 0),
      connected: true,
      silentSinceMs: null,
    };
    expect(chainView(chain, timer)).toBeNull();
    timer.note(block(3, 0), 2_000);
    expect(chainView(chain, timer)?.blockMs).toBe(1_000);
  });

  it('has a block time that no step of the wall clock turns', () => {
    const timer = new BlockTimer();
    timer.note(block(1, 7_200_000), 0);
    timer.note(block(2, 0), 1_000);
    expect(timer.blockMs).toBe(1_000);
  });
});

describe('swarm view', () => {
  const [me, honest, rider, witness, worker, idler] = [
    ss58('me'),
    ss58('honest'),
    ss58('rider'),
    ss58('witness'),
    ss58('worker'),
    ss58('idler'),
  ];
  const readyFor = (round: number, over: Partial<Ready> = {}): Ready =>
    ({
      ...{ round, sequences: 8, weight: 1, codec: 'int8', hotkey: worker, upBytesPerS: 0, downBytesPerS: 0 },
      ...over,
    }) as Ready;
  const link = { hotkey: worker, rttMs: 41.7, way: 'relayed', isInbound: true } as const;
  const silent = (tries: number, isReached: boolean) => ({
    ...{ address: `/ip4/203.0.113.${tries}/tcp/1`, isReached, tries },
    ...{ answeredAtMs: null, retryAtMs: null },
  });
  const book = {
    peers: new Map<typeof me, KnownPeer>([
      [rider, { ...nobodyYet, connected: true }],
      [honest, { ...nobodyYet, lastFault: { fault: 'silent', round: 2, atMs: 9 } }],
      [witness, { ...nobodyYet, connected: true, ready: readyFor(2, { weight: 0 }) }],
      [worker, { ...nobodyYet, connected: true, ready: readyFor(2), link }],
      [
        idler,
        { ...nobodyYet, connected: true, ready: readyFor(1, { upBytesPerS: 900, downBytesPerS: 100 }) },
      ],
    ]),
    addresses: [silent(0, true), silent(0, false), silent(3, false)],
    reachability: null,
    rates: { up: null, down: null },
    noteRound: () => {},
    stop: () => {},
  };
  const mine = { upBytesPerS: 700, downBytesPerS: 800 };
  const card = { hotkey: rider, terms: { gradient: { value: 0, why: why('recomputed-disagree') } } };
  const view = swarmView({
    self: me,
    role: 'miner',
    book,
    neurons: [],
    witnesses: [witness],
    scores: { all: [card] } as never,
    round: 3,
    late: new Map(),
    paused: false,
    measured: new Map<typeof me, Rates>([
      [worker, { upBytesPerS: 400, downBytesPerS: null }],
      [me, mine],
    ]),
    listening: ['/ip4/0.0.0.0/tcp/4001'],
    uplink: { codec: 'int8', tiers: [{ codec: 'fp16', bytes: 9 }], exchangeMs: 2_000 },
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

  it('calls at work who was ready for the last round, and says no more of others than that they are there', () => {
    expect(of('worker')?.state).toBe('training');
    expect(of('idler')?.state).toBe('connected');
  });

  it('tells of each the way there, what it is counted on for, and its last fault', () => {
    expect(of('worker')).toMatchObject({
      link: { rttMs: 42, way: 'relayed', isInbound: true },
      measured: { upBytesPerS: 400, downBytesPerS: null },
      codec: 'int8',
      lastFault: null,
    });
    expect(of('honest')).toMatchObject({ link: null, lastFault: { fault: 'silent', round: 2 }, codec: null });
    expect(of('witness')?.codec).toBeNull();
  });

  it('counts on what receipts show where somebody announces nothing, and on nobody of whom nothing is known', () => {
    expect(of('worker')?.believedBytesPerS).toBe(100);
    expect(of('rider')?.believedBytesPerS).toBeNull();
  });

  it('tells what the own uplink carries beside what it has to', () => {
    expect(view.uplink).toEqual({
      ...{ codec: 'int8', tiers: [{ codec: 'fp16', bytes: 9 }], exchangeMs: 2_000 },
      measured: mine,
    });
    expect(view.listening).toEqual(['/ip4/0.0.0.0/tcp/4001']);
  });

  it('names the addresses that were tried in vain', () => {
    expect(view.silent.map(({ tries }) => tries)).toEqual([3]);
  });

  it('shows no rate before anything moved', () => {
    expect(view.upBytesPerS).toBeNull();
    expect(view.connected).toBe(4);
  });
});
