import { expect, it } from 'vitest';
import { countsOf, describeCounts, noTests } from '../../tools/build/test-summary.ts';

it('reads its own closing line again, and counts nothing of another', () => {
  const counts = { passed: 1234, failed: 2, skipped: 30 };
  expect(countsOf(`${describeCounts(counts)}\n`)).toEqual(counts);
  for (const line of ['', '12 passed', 'CI passed in 3 s']) expect(countsOf(line)).toEqual(noTests);
});
