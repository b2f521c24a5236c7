import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReduceReport } from '../../../src-shared/contract/swarm.ts';
import type { RosterMember } from '../../../src-shared/rounds/messages.ts';
import {
  decodeResultFrame,
  encodeFrame,
  encodeNone,
  encodeResult,
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

/** Nobody sends above 1.3 times its share of a round in which all went well. */
function expectFairBytes(g: Group, sent: readonly number[]): void {
  const plan = planOf(g, 0);
  const whole = Array.from({ length: g.grid.chunks }, (_, chunk) => plan.chunkBytes(0, chunk)).reduce(
    (sum, bytes) => sum + bytes,
    0,
  );
  const n = g.members.length;
  const share = (2 * (n - 1) * whole) / n;
  // Frames, leaves and signs of life come on top of the values.
  const besides = n * (g.grid.chunks * (32 + 120) + 4_000);
  for (const bytes of sent) expect(bytes).toBeLessThan(1.3 * share + besides);
}

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
  it.each(Object.keys(cases))('averages everything when a reducer %s', async (name) => {
    for (const reducer of size > 8 ? [5] : isLong ? [0, size - 1] : [size - 1]) {
      const g = await group(size, { elements: 64 * 40 * size, chunkElements: 64 });
      cases[name]!(g, reducer);
      const reports = await runAll(g);
      const rest = others(g, reducer);
      const manifest = await agreed(g, rest);
      // What its standbys reduced may lack its own values, and nobody else's.
      const sets = contributorsIn(manifest);
      expect(sets.every((set) => rest.every((i) => set?.includes(i)))).toBe(true);
      expect(reports.map(({ elementsShare }) => elementsShare)).toEqual(g.members.map(() => 1));
      if (name === 'is silent') expectStoodIn(reports[rest[0]!]!, call(g).roster.members[reducer]!);
      expectFairBytes(
        g,
        reports.map(({ bytesSent }) => bytesSent),
      );
      await dropGroups();
    }
  });

  it('measures no line by what standbys ask for', async () => {
    const reducer = size - 1;
    const g = await group(size, { elements: 64 * 40 * size, chunkElements: 64 });
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
    const g = await group(size, { elements: 64 * 40 * size, chunkElements: 64 });
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
    expectFairBytes(
      g,
      reports.map(({ bytesSent }) => bytesSent),
    );
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
