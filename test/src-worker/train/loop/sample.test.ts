import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { noLabour } from '../../../../src-worker/train/loop/labour.ts';
import { sample } from '../../../../src-worker/train/loop/sample.ts';
import { promptIn } from '../../../../src-worker/train/sample/prompt.ts';
import { gpt2Spelling } from '../../../../src-worker/train/sample/spelling.ts';
import { inMemory } from '../../../../src-worker/train/vector-source.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { baseOf } from '../state/held.ts';
import { dropRoot, newRoot } from '../state/rig.ts';
import { BOB, type Rig, startRig } from './rig.ts';

beforeAll(buildKernels);

let root: string;
let rig: Rig;
beforeEach(async () => {
  root = await newRoot();
  rig = await startRig(root, { hotkey: BOB, trains: false, labour: noLabour });
});
afterEach(async () => {
  await rig.stop();
  await dropRoot(root);
});

const ask = (seed = 1, signal = rig.signal) => sample(rig.trainer, { prompt: 2, tokens: 4, seed }, signal);
const textOf = async (seed?: number) => (await ask(seed)).text;

/** Whether it is there after the base was read often: the model is so small that a slice does the rest. */
async function comesSoon(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  work.then(
    () => (done = true),
    () => (done = true),
  );
  for (let turn = 0; turn < 50; turn += 1) {
    await baseOf(rig.trainer.replica);
    await setImmediate();
  }
  return done;
}

test('the text is that of the base and the seed', async () => {
  const first = await ask();
  expect(first.round).toBe(-1);
  expect(first.workMs).toBeGreaterThan(0);
  expect(await textOf()).toBe(first.text);
  const texts = await Promise.all([2, 3, 4].map(textOf));
  expect(texts.some((text) => text !== first.text)).toBe(true);
  rig.trainer.replica.base = inMemory((await baseOf(rig.trainer.replica)).map((weight) => -3 * weight));
  const others = await Promise.all([1, 2, 3].map(textOf));
  expect(others).not.toEqual([first.text, ...texts.slice(0, 2)]);
});

test('it takes no turn on the engine', async () => {
  await ask();
  const held = Promise.withResolvers<void>();
  const turn = rig.trainer.turns.take(() => held.promise);
  expect(await comesSoon(ask())).toBe(true);
  held.resolve();
  await turn;
});

test('it waits while a whole group waits for this process', async () => {
  await ask();
  rig.trainer.urgent += 1;
  const waiting = ask();
  expect(await comesSoon(waiting)).toBe(false);
  rig.trainer.urgent -= 1;
  rig.trainer.gate.changed();
  expect((await waiting).round).toBe(-1);
});

test('it ends when nobody wants it any more', async () => {
  await ask();
  rig.trainer.urgent += 1;
  const stop = new AbortController();
  const waiting = ask(1, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toThrow();
});

test('a prompt begins with a sentence and ends with a word', () => {
  const spelling = gpt2Spelling();
  const tokenOf = (text: string) =>
    Array.from({ length: 50_256 }, (_, id) => id).find((id) => spelling.bytes(id) === text)!;
  const words = [
    ' it',
    ' was',
    ' so',
    '.',
    ' The',
    ' rain',
    ' fell',
    ' on',
    ' and',
    ' on',
    ' day',
    ',',
    ' they',
    ' say',
    's',
    ' and',
  ];
  const text = Uint16Array.from(Array.from({ length: 8 }, () => words.map(tokenOf)).flat());
  const prompt = promptIn(text, { index: 1, count: 4 }, spelling);
  expect(spelling.text(prompt)).toBe(' The rain fell on and on day, they says');
  // A text too short for a sentence gives what it has.
  expect(promptIn(text.slice(0, 5), { index: 3, count: 4 }, spelling).length).toBeGreaterThan(0);
});
