import { expect, it } from 'vitest';
import { ChainPace } from '../../../src-main/rounds/chain-pace.ts';
import { liveProfile } from '../../../src-shared/profile/shipped.ts';
import { MOST_SLOWDOWN, slowdownOf } from '../../../src-shared/rounds/pace.ts';

const { clock } = liveProfile('gpt2-124m').consensus;

it('gives a slower chain more time in as many blocks, and a quicker one no less', () => {
  expect(slowdownOf(24_000, clock)).toBe(2);
  expect(slowdownOf(6_000, clock)).toBe(1);
  expect(slowdownOf(1e9, clock)).toBe(MOST_SLOWDOWN);
});

it('goes by the last sixteen blocks', () => {
  const pace = new ChainPace();
  expect(pace.blockMs).toBeNull();
  for (let block = 0; block < 100; block++)
    pace.note(block, block < 80 ? block * 1_000 : 80_000 + (block - 80) * 3_000);
  expect(pace.blockMs).toBe(3_000);
});

it('takes blocks that come all at once for one arrival, and none twice', () => {
  const pace = new ChainPace();
  for (const block of [1, 2, 3]) pace.note(block, 0);
  pace.note(4, 2_000);
  pace.note(4, 9_000);
  expect(pace.blockMs).toBe(2_000);
});
