import { expect, it } from 'vitest';
import { lostToV8 } from '../../tools/build/lost-to-v8.ts';
import type { Fault } from '../../tools/build/test-summary.ts';

const died = (signal: string): Fault => ({
  where: 'outside of any test',
  isTest: false,
  message: `[vitest-pool]: Worker forks emitted error. Worker exited unexpectedly with signal ${signal} during started state while running test file /src/test/one.test.ts`,
});
const failed: Fault = { where: 'test/two.test.ts > two', isTest: true, message: 'expected 1 to be 2' };

it('names the file whose process was trapped', () => {
  expect(lostToV8([died('SIGTRAP')])).toEqual(['/src/test/one.test.ts']);
});

it.each([
  ['nothing failed', []],
  ['a process died of something else', [died('SIGSEGV')]],
  ['a test failed', [failed]],
  ['a test failed beside it', [died('SIGTRAP'), failed]],
])('excuses nothing where %s', (_what, faults) => {
  expect(lostToV8(faults)).toEqual([]);
});
