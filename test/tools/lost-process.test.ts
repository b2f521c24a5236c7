import { expect, it } from 'vitest';
import { loadsDrivers, lostProcesses } from '../../tools/build/lost-process.ts';
import type { Fault } from '../../tools/build/test-summary.ts';

const died = (signal: string, name = 'one'): Fault => ({
  where: 'outside of any test',
  isTest: false,
  message: `[vitest-pool]: Worker forks emitted error. Worker exited unexpectedly with signal ${signal} during started state while running test file /src/test/${name}.test.ts`,
});
const failed: Fault = { where: 'test/two.test.ts > two', isTest: true, message: 'expected 1 to be 2' };
const isOfDrivers = (file: string) => file.endsWith('card.test.ts');

it.each([
  ['was trapped', died('SIGTRAP'), 'one'],
  ['its driver took along', died('SIGSEGV', 'card'), 'card'],
])('names the file whose process %s', (_what, fault, name) => {
  expect(lostProcesses([fault], isOfDrivers)).toEqual([`/src/test/${name}.test.ts`]);
});

it.each([
  ['nothing failed', []],
  ['a process without drivers died of something else', [died('SIGSEGV')]],
  ['a process with drivers was killed', [died('SIGKILL', 'card')]],
  ['a test failed', [failed]],
  ['a test failed beside it', [died('SIGTRAP'), failed]],
])('excuses nothing where %s', (_what, faults) => {
  expect(lostProcesses(faults, isOfDrivers)).toEqual([]);
});

it('knows which files load drivers by what they call', () => {
  expect(loadsDrivers('test/src-worker/train/engine/gpu.test.ts')).toBe(true);
  expect(loadsDrivers('test/src-worker/train/engine/plan.test.ts')).toBe(false);
});
