import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReduceReport } from '../../../src-shared/contract/swarm.ts';
import { encodeNone, frameTypes } from '../../../src-worker/swarm/reduce/frames.ts';
import { signNone } from '../../../src-worker/swarm/reduce/results.ts';
import {
  agreed,
  answers,
  begin,
  call,
  dropGroups,
  type Group,
  group,
  planOf,
  runAll,
} from './butterfly-group.ts';
import { played, playTime } from './played-time.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  vi.useRealTimers();
});

const SIZE = 64;
const WITNESSES = [61, 62, 63];
const REDUCERS = SIZE - WITNESSES.length;
const all = Array.from({ length: SIZE }, (_, i) => i);
const CHUNKS_EACH = 2;
const shape = {
  elements: 1_024 * CHUNKS_EACH * REDUCERS,
  chunkElements: 1_024,
  terms: all.map((i) => (WITNESSES.includes(i) ? { weight: 0, reduces: false } : {})),
  reduce: { commitShare: 0.99, exchangeBlocks: 4 },
};

/** All in `npm run test:long`; else one case by the seed, with one reducer: each takes twelve seconds. */
const seed = Number(process.env.BUTTERFLY_SEED ?? 38);
const reducersOf = (nth: number): readonly number[] =>
  process.env.BUTTERFLY_LONG ? all.slice(0, REDUCERS) : [(seed * 7 + nth * 23) % REDUCERS];

const others = (one: number): number[] => all.filter((i) => i !== one);
const mostOf = (sent: readonly number[]): number => Math.max(...sent);

/** What who sends most of all sends in a round in which all go well. */
let usualBytes = 0;
beforeAll(async () => {
  playTime();
  const reports = await runAll(await group(SIZE, shape));
  usualBytes = mostOf(reports.map(({ bytesSent }) => bytesSent));
  await dropGroups();
  vi.useRealTimers();
});

/** Plays a round in which one reducer does what the case says. @returns what those report who are left */
type Case = (g: Group, reducer: number) => Promise<readonly ReduceReport[]>;

/** Those in which nobody ever has a result of that reducer: all of its part is its standbys'. */
const WITHOUT_IT: ReadonlySet<string> = new Set(['is silent', 'says that there is none']);

const cases: readonly (readonly [string, Case])[] = [
  [
    'is silent',
    (g, reducer) => {
      answers(g, reducer, others(reducer), () => null);
      return runAll(g);
    },
  ],
  [
    'says that there is none',
    (g, reducer) => {
      const plan = planOf(g, reducer);
      answers(g, reducer, others(reducer), ({ chunk, tag }) => ({
        ...{ type: frameTypes.none, codec: 0, chunk, tag },
        payload: encodeNone(signNone(plan, chunk, g.members[reducer]!.key.sign)),
      }));
      return runAll(g);
    },
  ],
  [
    'answers the witnesses alone',
    (g, reducer) => {
      answers(
        g,
        reducer,
        others(reducer).filter((i) => !WITNESSES.includes(i)),
        () => null,
      );
      return runAll(g);
    },
  ],
  [
    'dies halfway',
    async (g, reducer) => {
      const lost = g.members[reducer]!.hotkey;
      const { chunkCount } = call(g).roster.members[reducer]!;
      const half = Promise.withResolvers<void>();
      let told = 0;
      for (const i of others(reducer))
        g.world.tamper(lost, g.members[i]!.hotkey, 'reduce', (bytes, deliver) => {
          if (bytes[0] === frameTypes.result && ++told > (chunkCount * (SIZE - 1)) / 2) half.resolve();
          else deliver(bytes);
        });
      void half.promise.then(() => g.world.kill(lost));
      const dead = begin(g, [reducer]).catch(() => null);
      const reports = await runAll(g, others(reducer));
      await played(dead);
      return reports;
    },
  ],
];

const isPlayed = (nth: number): boolean => Boolean(process.env.BUTTERFLY_LONG) || nth === seed % cases.length;

describe.each(
  cases.map(([what, play], nth) => [what, play, nth] as const).filter(([, , nth]) => isPlayed(nth)),
)('where one reducer of 64 members %s', (what, play, nth) => {
  it.each(reducersOf(nth))(
    'and that is number %i, all is committed, and nobody sends above 1.3 times',
    async (reducer) => {
      const g = await group(SIZE, shape);
      const reports = await play(g, reducer);
      const [witness, ...rest] = WITNESSES as [number, ...number[]];
      // A witness writes the list; all but who may be dead make the average of it.
      const manifest = await agreed(g, [witness, ...others(reducer).filter((i) => i < REDUCERS), ...rest]);
      expect(manifest.chunks).not.toContain(null);
      const { members } = reports[reducer === 0 ? 1 : 0]!;
      const stoodIn = members.reduce((sum, one) => sum + one.stoodIn, 0);
      if (WITHOUT_IT.has(what)) expect(stoodIn).toBe(CHUNKS_EACH);
      expect(reports.map(({ elementsShare }) => elementsShare)).toEqual(reports.map(() => 1));
      expect(mostOf(reports.map(({ bytesSent }) => bytesSent))).toBeLessThan(1.3 * usualBytes);
    },
  );
});
