import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReduceReport } from '../../../src-shared/contract/swarm.ts';
import { standbysAskAtMs } from '../../../src-shared/rounds/exchange-times.ts';
import type { RosterMember } from '../../../src-shared/rounds/messages.ts';
import { EDGES_EVERY_MS } from '../../../src-worker/swarm/limits.ts';
import {
  decodeResultFrame,
  encodeFrame,
  encodeNone,
  encodeResult,
  type Frame,
  FrameReader,
  frameTypes,
} from '../../../src-worker/swarm/reduce/frames.ts';
import { RoundPlan } from '../../../src-worker/swarm/reduce/plan.ts';
import { signNone, signResult } from '../../../src-worker/swarm/reduce/results.ts';
import {
  agreed,
  answers,
  begin,
  call,
  contributorsIn,
  dropGroups,
  type Group,
  group,
  never,
  planOf,
  ROUND,
  runAll,
} from './butterfly-group.ts';
import { played, playTime } from './played-time.ts';
import { testMember } from './round.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  vi.useRealTimers();
});

const isLong = Boolean(process.env.BUTTERFLY_LONG);
const sizes = isLong ? [4, 8, 64] : [4, 8];

const others = (g: Group, one: number): number[] => g.members.map((_, i) => i).filter((i) => i !== one);

/** Forty chunks for each member. */
const wholeOf = (size: number) => ({ elements: 64 * 40 * size, chunkElements: 64 });

/** Others answered the whole part of that member. */
function expectStoodIn({ members }: ReduceReport, { hotkey, chunkCount }: RosterMember): void {
  expect(members.find((one) => one.hotkey === hotkey)?.stoodIn).toBe(0);
  expect(members.reduce((sum, { stoodIn }) => sum + stoodIn, 0)).toBe(chunkCount);
}

/** Each answers for one reducer's part what the case says; all but that one commit the whole model. */
const cases: Record<string, (g: Group, reducer: number) => void> = {
  'is silent': (g, reducer) => answers(g, reducer, others(g, reducer), () => null),
  'says that there is none': (g, reducer) => {
    const plan = planOf(g, reducer);
    answers(g, reducer, others(g, reducer), ({ chunk, tag }) => ({
      ...{ type: frameTypes.none, codec: 0, chunk, tag },
      payload: encodeNone(signNone(plan, chunk, g.members[reducer]!.key.sign)),
    }));
  },
  'answers one member alone': (g, reducer) => answers(g, reducer, others(g, reducer).slice(1), () => null),
};

describe.each(sizes)('a group of %i', (size) => {
  /** What who sends most sends in a round in which all goes well. */
  let usualBytes = 0;
  beforeAll(async () => {
    playTime();
    const reports = await runAll(await group(size, wholeOf(size)));
    usualBytes = Math.max(...reports.map(({ bytesSent }) => bytesSent));
    await dropGroups();
    vi.useRealTimers();
  });
  function expectFairBytes(reports: readonly ReduceReport[]): void {
    for (const { bytesSent } of reports) expect(bytesSent).toBeLessThan(1.3 * usualBytes);
  }

  it.each(Object.keys(cases))('averages everything when a reducer %s', async (name) => {
    for (const reducer of size > 8 ? [5] : isLong ? [0, size - 1] : [size - 1]) {
      const g = await group(size, wholeOf(size));
      cases[name]!(g, reducer);
      const reports = await runAll(g);
      const rest = others(g, reducer);
      const manifest = await agreed(g, rest);
      // What its standbys reduced may lack its own values, and nobody else's.
      const sets = contributorsIn(manifest);
      expect(sets.every((set) => rest.every((i) => set?.includes(i)))).toBe(true);
      expect(reports.map(({ elementsShare }) => elementsShare)).toEqual(g.members.map(() => 1));
      if (name === 'is silent') expectStoodIn(reports[rest[0]!]!, call(g).roster.members[reducer]!);
      expectFairBytes(reports);
      await dropGroups();
    }
  });

  it('measures no line by what standbys ask for', async () => {
    const reducer = size - 1;
    const g = await group(size, wholeOf(size));
    cases['is silent']!(g, reducer);
    await runAll(g);
    const { times } = planOf(g, 0);
    for (const i of others(g, reducer))
      for (const [index, line] of g.butterflies[i]!.exchangeOf(ROUND)!.lines) {
        const back = g.butterflies[index]!.exchangeOf(ROUND)!.lines.get(i)!;
        expect(line.lastChunkAtMs! - line.openedAtMs!).toBeLessThan(times.mainMs);
        expect(line.chunkBytesReceived).toBe(back.chunkBytesSent);
      }
  });

  it('averages everything when a reducer dies halfway', async () => {
    const g = await group(size, wholeOf(size));
    const lost = g.members[1]!.hotkey;
    const { chunkCount } = call(g).roster.members[1]!;
    let told = 0;
    const half = Promise.withResolvers<void>();
    for (const i of others(g, 1))
      g.world.tamper(lost, g.members[i]!.hotkey, 'reduce', (bytes, deliver) => {
        if (bytes[0] === frameTypes.result && ++told > (chunkCount * (size - 1)) / 2) half.resolve();
        else deliver(bytes);
      });
    void half.promise.then(() => g.world.kill(lost));
    const dead = g.butterflies[1]!.reduce(call(g), never).catch(() => null);
    const reports = await runAll(g, others(g, 1));
    const manifest = await agreed(g, others(g, 1));
    expect(manifest.chunks).not.toContain(null);
    expect(reports.every(({ elementsShare }) => elementsShare === 1)).toBe(true);
    expectFairBytes(reports);
    await played(dead);
  });

  it('averages everything when members below half of the weight fall silent', async () => {
    const g = await group(size, { elements: 64 * 10 * size, chunkElements: 64 });
    const silent = g.members.map((_, i) => i).slice(-Math.floor((size - 1) / 2));
    const awake = others(g, -1).filter((i) => !silent.includes(i));
    for (const i of silent) g.world.kill(g.members[i]!.hotkey);
    const reports = await runAll(g, awake);
    const manifest = await agreed(g, awake);
    // A chunk whose reducer and standby are both gone has nobody.
    const plan = planOf(g, 0);
    const orphaned = manifest.chunks.flatMap((entry, chunk) => (entry ? [] : [chunk]));
    const gone = (member: number | null) => member === null || silent.includes(member);
    expect(orphaned.every((chunk) => gone(plan.reducerOf(chunk)) && gone(plan.standbyOf(chunk)))).toBe(true);
    expect(reports.every(({ elementsShare }) => elementsShare > 0.5)).toBe(true);
  });
});

describe('a reducer whose results are still on their way when standbys may ask', () => {
  const SLOW = 3;
  const shape = { elements: 1_024 * 120, chunkElements: 1_024 };

  /** One that ends its part at this time, because its line takes no more. */
  async function slowGroup(endsAtMs: number): Promise<Group> {
    const g = await group(4, shape);
    const plan = planOf(g, SLOW);
    const vector = Array.from({ length: g.grid.chunks }, (_, chunk) => plan.chunkBytes(SLOW, chunk));
    // Three quarters of it go out, and as much comes back; leaves, heads and signatures come on top.
    const bytes = vector.reduce((sum, one) => sum + 1.5 * (one + 64), 3 * 32 * g.grid.chunks);
    g.world.slow(g.members[SLOW]!.hotkey, (1_000 * bytes) / endsAtMs);
    return g;
  }

  /** The times at which chunks are asked for first, in ms from now on. */
  function noteAsks(g: Group, drop: (frame: Frame, from: number) => boolean = () => false): number[] {
    const startedAtMs = performance.now();
    const asks = new Map<number, number>();
    const times: number[] = [];
    for (const [i, from] of g.members.entries())
      for (const to of g.members.filter((member) => member !== from))
        g.world.tamper(from.hotkey, to.hotkey, 'reduce', (bytes, deliver) => {
          const [frame] = new FrameReader(g.grid, 'member').push(bytes);
          if (frame?.type === frameTypes.ask && !asks.has(frame.chunk)) {
            asks.set(frame.chunk, performance.now() - startedAtMs);
            times.push(performance.now() - startedAtMs);
          }
          if (!frame || !drop(frame, i)) deliver(bytes);
        });
    return times;
  }

  it('is asked about by nobody where they come in time', async () => {
    const g = await slowGroup(8_900);
    const { times } = planOf(g, 0);
    const asks = noteAsks(g);
    const reports = await runAll(g);
    const manifest = await agreed(g);
    expect(manifest.chunks).not.toContain(null);
    expect(reports.map(({ elementsShare }) => elementsShare)).toEqual([1, 1, 1, 1]);
    // They did come after standbys may ask.
    const lastMs = Math.max(...reports.map(({ durationMs }) => durationMs));
    expect(lastMs).toBeGreaterThan(standbysAskAtMs(times));
    expect(asks).toEqual([]);
  });

  it('is asked about at once where they come too slowly for that', async () => {
    const g = await slowGroup(12_000);
    const { times } = planOf(g, 0);
    const asks = noteAsks(g);
    await runAll(g);
    expect((await agreed(g)).chunks).not.toContain(null);
    expect(Math.min(...asks)).toBeLessThan(standbysAskAtMs(times) + times.slackMs);
    expect(Math.min(...asks)).toBeGreaterThanOrEqual(standbysAskAtMs(times));
  });

  it('is asked about soon after the last of them, where they stop', async () => {
    const g = await slowGroup(8_900);
    const { times } = planOf(g, 0);
    const stopsMs = standbysAskAtMs(times) + 50;
    const startedAtMs = performance.now();
    const asks = noteAsks(
      g,
      ({ type }, from) =>
        from === SLOW && type === frameTypes.result && performance.now() - startedAtMs > stopsMs,
    );
    const awake = others(g, SLOW);
    const reports = await runAll(g);
    const manifest = await agreed(g, awake);
    expect(manifest.chunks).not.toContain(null);
    for (const i of awake) expect(reports[i]!.elementsShare).toBe(1);
    expect(asks.length).toBeGreaterThan(0);
    expect(Math.max(...asks)).toBeLessThan(stopsMs + times.slackMs + 2 * EDGES_EVERY_MS);
  });
});

it('steps in within an exchange as short as that of a practice, too', async () => {
  const g = await group(4, { reduce: { exchangeBlocks: 2, slackMs: 500 } });
  answers(g, 3, others(g, 3), () => null);
  const reports = await runAll(g);
  expect((await agreed(g)).chunks).not.toContain(null);
  expect(reports.map(({ elementsShare }) => elementsShare)).toEqual([1, 1, 1, 1]);
});

it('is nobody where one member reduces all, also for who only receives', async () => {
  const g = await group(3, { elements: 500 });
  const stranger = (await testMember(9)).hotkey;
  const plans = [0, 1, 2].map((i) => planOf(g, i));
  plans.push(new RoundPlan({ ...call(g), grid: g.grid, consensus: g.consensus, hotkey: stranger }));
  expect(plans.map((plan) => [plan.standbyOf(0), plan.isOwnStandby(0)])).toEqual(
    Array(4).fill([null, false]),
  );
});

describe('two answers of one reducer', () => {
  /** It says none to most and gives one the result. */
  async function contradicted() {
    const g = await group(4);
    const plan = planOf(g, 0);
    answers(g, 0, [1, 2], ({ chunk, tag }) => ({
      ...{ type: frameTypes.none, codec: 0, chunk, tag },
      payload: encodeNone(signNone(plan, chunk, g.members[0]!.key.sign)),
    }));
    return { g, reports: await runAll(g) };
  }

  it('stop nobody and decide nothing: its result counts, and all hold the same', async () => {
    const { g, reports } = await contradicted();
    const manifest = await agreed(g);
    expect(manifest.chunks).not.toContain(null);
    expect(reports.map(({ elementsShare }) => elementsShare)).toEqual([1, 1, 1, 1]);
  });

  it('are told by whoever saw both, and cost it those chunks', async () => {
    const { reports } = await contradicted();
    const seen = reports.slice(1).map(({ members }) => members[0]!);
    const tellers = seen.filter(({ error }) => error === 'two-answers');
    expect(tellers.length).toBeGreaterThan(0);
    for (const { returnedShare } of tellers) expect(returnedShare).toBeLessThan(1);
  });

  it('that are two results are told, too', async () => {
    const g = await group(3);
    const plan = planOf(g, 0);
    const { sign } = g.members[0]!.key;
    g.world.tamper(g.members[0]!.hotkey, g.members[1]!.hotkey, 'reduce', (bytes, deliver) => {
      deliver(bytes);
      const [frame] = new FrameReader(g.grid, 'reducer').push(bytes);
      if (frame?.type !== frameTypes.result) return;
      const result = decodeResultFrame(frame.payload);
      const values = result.values.slice();
      values[0]! ^= 1;
      deliver(
        encodeFrame({
          ...frame,
          payload: encodeResult(signResult(plan, frame.chunk, { ...result, values }, sign)),
        }),
      );
    });
    const reports = await runAll(g);
    await agreed(g);
    expect(reports[1]!.members[0]!.error).toBe('two-answers');
    expect(reports[1]!.members[0]!.returnedShare).toBeLessThan(0.5);
    expect(reports[2]!.members[0]).toMatchObject({ error: null, returnedShare: 1 });
  });

  it('take its signature: a word that somebody else wrote is no answer', async () => {
    const g = await group(4);
    answers(g, 0, [1], ({ chunk, tag }) => ({
      ...{ type: frameTypes.none, codec: 0, chunk, tag },
      payload: encodeNone({ signer: 0, signature: new Uint8Array(64) }),
    }));
    const reports = await played(begin(g));
    await agreed(g);
    expect(reports[1]!.members[0]!.error).toBe('result-signature');
    expect(reports[1]!.elementsShare).toBe(1);
  });
});
