import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startWriting, type Writing } from '../../../src-main/runs/writing.ts';
import type { ParamsOf, ResultOf } from '../../../src-shared/contract/child.ts';
import type { WritingView } from '../../../src-shared/contract/page/writing.ts';
import { SAMPLE_PROMPTS, type TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError, type CodedError } from '../../../src-shared/errors/app-error.ts';

type Asked = ParamsOf<TrainContract, 'sample'>;
type Sampled = ResultOf<TrainContract, 'sample'>;

let dataDir: string;
let open: Writing[] = [];
let asked: Asked[] = [];
let told: CodedError[] = [];
let elapsedMs = 0;
/** What the next sample is of, or what it fails with. */
let base: Partial<Sampled> | AppError = {};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'butterfly-writing-'));
  [open, asked, told, elapsedMs, base] = [[], [], [], 0, { round: 3 }];
});
afterEach(async () => {
  for (const writing of open) await writing.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(call?: (params: Asked, signal: AbortSignal) => Promise<Sampled>): Promise<Writing> {
  const sample = async (params: Asked): Promise<Sampled> => {
    asked.push(params);
    if (base instanceof AppError) throw base;
    return {
      round: 3,
      prompt: `words ${params.prompt}`,
      text: ` of round ${base.round}`,
      workMs: 50,
      ...base,
    };
  };
  const writing = await startWriting({
    train: {
      call: (_name: string, params: Asked, signal: AbortSignal) => (call ?? sample)(params, signal),
    } as never,
    dataDir,
    told: (error) => told.push(error),
    log: () => {},
    clock: { nowMs: () => 1_000, elapsedMs: () => elapsedMs },
    signal: new AbortController().signal,
  });
  open.push(writing);
  return writing;
}

/** The view once what was asked for has come to its end. */
async function written(writing: Writing): Promise<WritingView> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const off = writing.on((view) => !view.isWriting && resolve());
  if (writing.view.isWriting) await promise;
  off();
  return writing.view;
}

test('nothing is written that nobody asks for', async () => {
  const writing = await start();
  expect(writing.view).toEqual({ now: null, before: null, isWriting: false, problem: null });
  expect(asked).toEqual([]);
});

test('a text shows with the round that wrote it, and beside it what the first one made of the same words', async () => {
  const writing = await start();
  writing.ask('newer');
  expect(writing.view.isWriting).toBe(true);
  const first = await written(writing);
  expect(first).toMatchObject({
    now: { round: 3, place: 0, prompt: 'words 0' },
    before: null,
    problem: null,
  });
  base = { round: 9 };
  elapsedMs += 5_000;
  writing.ask('newer');
  const second = await written(writing);
  expect(second).toMatchObject({ now: { round: 9, place: 0 }, before: { round: 3, text: ' of round 3' } });
  expect(asked[0]).toEqual(asked[1]);
});

test('what was first is kept over a restart, and the newest first is not', async () => {
  const before = await start();
  before.ask('newer');
  await written(before);
  base = { round: 9 };
  elapsedMs = 5_000;
  before.ask('newer');
  await written(before);
  await before.stop();
  const after = await start();
  base = { round: 12 };
  after.ask('newer');
  expect((await written(after)).before).toMatchObject({ round: 3 });
});

test('another is of other words, and all the places come in turn', async () => {
  const writing = await start();
  for (let i = 0; i < SAMPLE_PROMPTS; i += 1) {
    writing.ask('another');
    expect((await written(writing)).now?.place).toBe((i + 1) % SAMPLE_PROMPTS);
  }
  expect(new Set(asked.map(({ seed }) => seed)).size).toBe(SAMPLE_PROMPTS);
});

test('nobody waits for a text for longer than it is worth: a hundred times its cost lies between two', async () => {
  const writing = await start();
  writing.ask('newer');
  await written(writing);
  elapsedMs = 4_999;
  writing.ask('newer');
  expect(writing.view.isWriting).toBe(false);
  // A button counts at once.
  writing.ask('another');
  await written(writing);
  elapsedMs += 5_000;
  writing.ask('newer');
  await written(writing);
  expect(asked).toHaveLength(3);
});

test('one is written at a time', async () => {
  const writing = await start();
  for (const wish of ['newer', 'another', 'another'] as const) writing.ask(wish);
  await written(writing);
  expect(asked).toHaveLength(1);
});

test('weights that nobody has trained show no text', async () => {
  base = { round: -1 };
  const writing = await start();
  writing.ask('newer');
  expect(await written(writing)).toEqual({ now: null, before: null, isWriting: false, problem: null });
  expect(await readdir(dataDir)).toEqual([]);
});

test('a try that fails is told, and what was there stays', async () => {
  const writing = await start();
  writing.ask('newer');
  await written(writing);
  base = new AppError('CHILD_EXITED', { child: 'train', reason: 'killed' });
  writing.ask('another');
  expect(await written(writing)).toMatchObject({ now: { round: 3 }, problem: { code: 'CHILD_EXITED' } });
  base = { round: 4 };
  writing.ask('another');
  expect((await written(writing)).problem).toBeNull();
});

test('a damaged file of first texts is set aside and told', async () => {
  const before = await start();
  before.ask('newer');
  await written(before);
  await before.stop();
  const path = join(dataDir, 'writing.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('of round', 'of rouni'));
  await start();
  expect(told).toMatchObject([{ code: 'FILE_DAMAGED' }]);
});

test('the end of the run takes back what is under way', async () => {
  let taken = false;
  const writing = await start((_params, signal) => {
    const { promise, reject } = Promise.withResolvers<Sampled>();
    signal.addEventListener('abort', () => {
      taken = true;
      reject(new AppError('CANCELLED'));
    });
    return promise;
  });
  writing.ask('newer');
  await writing.stop();
  expect(taken).toBe(true);
  expect(writing.view.problem).toBeNull();
});
