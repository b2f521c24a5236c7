import { expect, it } from 'vitest';
import { shownWords } from '../../src-main/dispute-desk.ts';
import { miners } from './rounds/machine-bench.ts';

const [anna, bob, carmen] = miners as [(typeof miners)[0], (typeof miners)[0], (typeof miners)[0]];
const word = (validator: typeof anna, round: number, chars = 1) => ({
  ...{ validator, round },
  signed: { text: 'x'.repeat(chars), signature: '' },
});

it('has the newest word of each validator first, however long others are and whatever rounds they name', () => {
  const texts = [
    word(carmen, 1_000_000),
    word(carmen, 999_999),
    word(bob, 7, 200),
    word(anna, 6),
    word(bob, 5),
    word(anna, 5),
  ];
  expect(shownWords(texts, 8).map(({ validator, round }) => [validator, round])).toEqual([
    [anna, 6],
    [bob, 7],
    [bob, 5],
    [anna, 5],
  ]);
});
