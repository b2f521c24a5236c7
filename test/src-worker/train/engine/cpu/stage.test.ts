import { expect, it } from 'vitest';
import type { Lane } from '../../../../../src-worker/train/engine/cpu/lane.ts';
import { stage, type Work } from '../../../../../src-worker/train/engine/cpu/stage.ts';

const lane = {} as Lane;

/** What parts of these works do, as [work, start, end]. */
function cutsOf(threads: number, ...works: readonly Omit<Work, 'run'>[]) {
  const cuts: [work: number, start: number, end: number][] = [];
  const cut = works.map((work, index) => ({
    ...work,
    run: (_: Lane, start: number, end: number) => {
      cuts.push([index, start, end]);
    },
  }));
  const { parts, run } = stage(threads, ...cut);
  for (let part = 0; part < parts; part++) run(lane, part);
  return cuts;
}

it('cuts a work at multiples of its unit, and leaves nothing out', () => {
  for (const threads of [1, 2, 3, 7, 64])
    for (const total of [1, 15, 16, 17, 384, 4097]) {
      const cuts = cutsOf(threads, { total, unit: 16, enough: 64 });
      let end = 0;
      for (const [, start, next] of cuts) {
        expect(start).toBe(end);
        expect(next).toBeGreaterThan(start);
        expect(start % 16).toBe(0);
        end = next;
      }
      expect(end).toBe(total);
    }
});

it('gives a thread several parts only where each is large enough, and one thread everything at once', () => {
  const counted = (threads: number, total: number) => cutsOf(threads, { total, unit: 1, enough: 100 }).length;
  expect(counted(2, 150)).toBe(2);
  expect(counted(2, 400)).toBe(4);
  expect(counted(2, 100_000)).toBe(8);
  expect(counted(1, 100_000)).toBe(1);
});

it('numbers the parts of several works through', () => {
  const found = cutsOf(2, { total: 10, unit: 5, enough: 10 }, { total: 3, unit: 4, enough: 1 });
  expect(found).toEqual([
    [0, 0, 5],
    [0, 5, 10],
    [1, 0, 3],
  ]);
});
