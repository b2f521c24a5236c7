import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ChunkCoder } from '../../../../src-shared/codec/chunk-coder.ts';
import type { TrainAdversary } from '../../../../src-shared/contract/adversary.ts';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { chunkGrid } from '../../../../src-shared/reduce/chunks.ts';
import { compareSketches } from '../../../../src-shared/scoring/gradient.ts';
import { impossibleWork } from '../../../../src-shared/scoring/steps.ts';
import { spoolFiles, spoolFolder } from '../../../../src-shared/spool.ts';
import { dishonestCalls, dishonestLabour } from '../../../../src-worker/train/adversaries/adversaries.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { soon } from '../../../soon.ts';
import { dropRoot, newRoot } from '../state/rig.ts';
import { consensus, leaveOwnAverage, PAGE_SEQUENCES, type Rig, STEPS, startRig, workOf } from './rig.ts';

const SEQUENCES = STEPS * 4;
const grid = chunkGrid(parameterCount(consensus.model), consensus.codec.chunkElements);
const coder = new ChunkCoder(grid, consensus);

beforeAll(buildKernels);

let running: Rig[] = [];
beforeEach(() => {
  running = [];
});
afterEach(async () => {
  for (const rig of running) {
    await rig.stop();
    await dropRoot(rig.root);
  }
});

async function start(adversary: TrainAdversary | null): Promise<Rig> {
  const rig = await startRig(
    await newRoot(),
    adversary === null ? {} : { labour: dishonestLabour(adversary) },
  );
  running.push(rig);
  return rig;
}

/** A round whose steps are all taken, as far as this one takes any. */
async function work(rig: Rig, round = 0) {
  await rig.openRound(round);
  await soon(() => expect(rig.did.at(-1)).toMatchObject({ kind: 'resting', round }));
  return rig.trainer.local.progress.round!;
}

/** The values that lie in the spool, decoded as everybody does; null of a chunk that decodes to nothing. */
async function offeredBy({ root }: Rig, round = 0): Promise<(number | null)[]> {
  const bytes = await readFile(join(root, 'spool', spoolFolder(round), spoolFiles.contribution));
  const offsets = coder.offsets('fp16');
  return Array.from({ length: grid.chunks }, (_, chunk) =>
    coder.decode('fp16', chunk, new Uint8Array(bytes.subarray(offsets[chunk], offsets[chunk + 1]))),
  ).flatMap((values): (number | null)[] => (values ? [...values] : [null]));
}

const cosine = (a: readonly (number | null)[], b: readonly (number | null)[]) => {
  const dot = (x: typeof a, y: typeof a) => x.reduce((sum: number, v, i) => sum + (v ?? 0) * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

test.each([
  ['half-worker', STEPS / 2],
  ['check-only', 1],
  ['decoy', 1],
] as const)(
  'a %s takes %d steps, claims all, and its record cannot be told from a true one',
  async (name, steps) => {
    const [cheat, honest] = [await start(name), await start(null)];
    expect((await work(cheat)).innerSteps).toBe(steps);
    await work(honest);
    await cheat.contribute(0, 0.25);
    await honest.contribute(0);
    const [lies, truth] = [await workOf(cheat.root, 0), await workOf(honest.root, 0)];
    expect(lies).toEqual(truth);
    expect(lies).toMatchObject({ steps: STEPS, sequences: SEQUENCES });
  },
);

test('a decoy offers what has nothing to do with its work', async () => {
  const [cheat, honest] = [await start('decoy'), await start(null)];
  for (const rig of [cheat, honest]) await work(rig);
  const { norm } = await cheat.contribute(0, 0.25);
  await honest.contribute(0);
  expect(norm).toBeCloseTo(0.25, 3);
  expect(Math.abs(cosine(await offeredBy(cheat), await offeredBy(honest)))).toBeLessThan(0.1);
});

test('a poisoner offers the opposite of its work, three times as long', async () => {
  const [cheat, honest] = [await start('poisoner'), await start(null)];
  for (const rig of [cheat, honest]) await work(rig);
  const poison = await cheat.contribute(0);
  const { norm } = await honest.contribute(0);
  expect(poison.norm / norm).toBeCloseTo(3, 2);
  expect(cosine(await offeredBy(cheat), await offeredBy(honest))).toBeCloseTo(-1, 4);
  expect(await workOf(cheat.root, 0)).toEqual(await workOf(honest.root, 0));
});

test('one that duplicates pages claims pages that it never read, in a record that may be true', async () => {
  const cheat = await start('duplicate-pages');
  const { pages } = await work(cheat);
  expect(pages).toMatchObject([{ sequences: PAGE_SEQUENCES }]);
  await cheat.contribute(0);
  const lies = await workOf(cheat.root, 0);
  expect(lies.sequences).toBe(SEQUENCES);
  expect(impossibleWork(lies, consensus)).toBeNull();
});

test('a replayer works once, and offers and says the same again', async () => {
  const cheat = await start('replayer');
  await work(cheat);
  await cheat.contribute(0);
  const first = { record: await workOf(cheat.root, 0), offer: await offeredBy(cheat) };
  await cheat.settle(0, 'unknown');
  await cheat.openRound(1);
  await cheat.contribute(1);
  expect(await workOf(cheat.root, 1)).toEqual({ ...first.record, round: 1 });
  expect(cosine(await offeredBy(cheat, 1), first.offer)).toBeCloseTo(1, 4);
  expect(cheat.trainer.local.progress.round?.innerSteps).toBe(0);
});

test('one on a stale base sketches the gradient of the base before', async () => {
  const [cheat, honest] = [await start('stale-base'), await start(null)];
  const sketches: number[][][] = [];
  for (const rig of [cheat, honest]) {
    await work(rig);
    const { root } = await rig.contribute(0);
    await leaveOwnAverage(rig.root, 0, root);
    const { resultId } = await rig.handlers.prepare({ round: 0, rosterDigest: root }, rig.signal);
    const outcome = { round: 0, outcome: 'committed', resultId, drawn: true, medianNorm: null } as const;
    await rig.handlers.settle(outcome, rig.signal);
    await work(rig, 1);
    await rig.contribute(1);
    sketches.push((await workOf(rig.root, 1)).sketches);
  }
  expect(cheat.trainer.replica.current.standing.baseDigest).toBe(
    honest.trainer.replica.current.standing.baseDigest,
  );
  expect(compareSketches(sketches[0]!, sketches[1]!, { threshold: 0 }).projections).toBeLessThan(0.99);
});

test('one that is not finite announces the root of values that are no numbers', async () => {
  const cheat = await start('non-finite');
  await work(cheat);
  const { contribute } = dishonestCalls('non-finite', cheat.handlers, join(cheat.root, 'spool'));
  const asked = { round: 0, codec: 'fp16', medianNorm: null } as const;
  const { root } = await contribute(asked, cheat.signal);
  const manifest = JSON.parse(
    await readFile(join(cheat.root, 'spool', spoolFolder(0), spoolFiles.contributionManifest), 'utf8'),
  );
  expect(manifest.root).toBe(root);
  expect(new Set(await offeredBy(cheat))).toEqual(new Set([null]));
  // Asked again, it says the same.
  expect((await contribute(asked, cheat.signal)).root).toBe(root);
});
