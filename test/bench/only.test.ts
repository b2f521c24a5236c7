import { expect, test } from 'vitest';
import { bench } from '../../bench/practice.ts';

test('a figure that is not there is refused before anything is measured, with those that are', async () => {
  await expect(bench(['clock-back', 'nothing'])).rejects.toThrow(/nothing is no figure.*journal-flip/);
});

test('what cannot be measured says why, beside its floor', async () => {
  const { figures } = await bench(['clock-back']);
  expect(figures).toMatchObject([{ name: 'clock-back', measured: false, value: null, floor: 1 }]);
  expect(figures[0]?.reason).toBeTruthy();
});
