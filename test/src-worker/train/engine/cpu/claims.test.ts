import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { nextStage, openFirst, takeParts } from '../../../../../src-worker/train/engine/cpu/claims.ts';
import type { Lane } from '../../../../../src-worker/train/engine/cpu/lane.ts';
import { planMemory } from '../../../../../src-worker/train/engine/cpu/plan.ts';
import { Rest } from '../../../../../src-worker/train/engine/cpu/rest.ts';
import type { Stage } from '../../../../../src-worker/train/engine/cpu/stage.ts';
import { COMMAND, DONE, wordsOf } from '../../../../../src-worker/train/engine/cpu/words.ts';
import { TINY } from '../support.ts';

/** Many times what any of these tests takes. */
const LOADS = 2_000;

// Nobody else runs who could end a wait, and a thread that waits hears of no test's limit: it fails instead.
beforeEach(() => {
  const load = Atomics.load;
  let loads = 0;
  vi.spyOn(Atomics, 'load').mockImplementation(((cells: Int32Array, at: number) => {
    loads += 1;
    if (loads > LOADS) throw new Error('waits for what nobody does');
    return load(cells, at);
  }) as typeof Atomics.load);
});
afterEach(() => vi.restoreAllMocks());

/** Words of two threads, none of which runs: the test takes their turns. */
function meeting() {
  const plan = planMemory(TINY, 1, 2);
  const memory = new WebAssembly.Memory({ initial: plan.pages, maximum: plan.pages, shared: true });
  const words = wordsOf(memory, plan);
  const rest = new Rest(words, memory, plan);
  const lane = {} as Lane;
  const claim = (stages: readonly Stage[]) => ({
    stages,
    first: nextStage(words),
    command: Atomics.load(words, COMMAND),
  });
  const take = (claimed: ReturnType<typeof claim>) => takeParts(words, claimed, lane, rest);
  return { words, claim, take };
}

/** Two stages that write down what was done. */
function written(run?: (stage: number, part: number) => void) {
  const done: [stage: number, part: number][] = [];
  const stages = [3, 2].map((parts, index) => ({
    parts,
    run(_: Lane, part: number) {
      done.push([index, part]);
      if (done.length > ALL.length) throw new Error('a part is done again');
      run?.(index, part);
    },
  }));
  return { done, stages };
}

const ALL = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
];

it('does a whole command while the other thread is not there', () => {
  const { words, claim, take } = meeting();
  const { done, stages } = written();
  const claimed = claim(stages);
  openFirst(words);
  expect(take(claimed)).toBe(true);
  expect(done).toEqual(ALL);
});

it('leaves nothing to a thread that comes when all is done, nor to one with an earlier command', () => {
  const { words, claim, take } = meeting();
  const [before, after] = [written(), written()];
  const early = claim(before.stages);
  openFirst(words);
  take(early);
  expect(take(early)).toBe(false);
  Atomics.add(words, COMMAND, 2);
  const late = claim(after.stages);
  openFirst(words);
  expect(take(early)).toBe(false);
  // Nor where the number of the command came round again.
  expect(take({ ...early, command: late.command })).toBe(false);
  expect(take(late)).toBe(true);
  expect([before.done, after.done]).toEqual([ALL, ALL]);
});

it('gives each part to one thread, and opens no stage before all parts of the last are done', () => {
  const { words, claim, take } = meeting();
  const { done, stages } = written((stage, part) => {
    // This thread is held up in its first part, and the other takes what there is.
    if (stage === 0 && part === 0) expect(take(claimed)).toBe(false);
    // The other would wait for that part now: it is sent away as by an end of the command.
    if (stage === 0 && part === 2) Atomics.add(words, COMMAND, 1);
    if (stage === 0 && part === 0) Atomics.sub(words, COMMAND, 1);
  });
  const claimed = claim(stages);
  openFirst(words);
  expect(take(claimed)).toBe(true);
  expect(done).toEqual(ALL);
  expect(Atomics.load(words, DONE)).toBe(0);
});
