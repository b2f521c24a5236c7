import { expect, test } from 'vitest';
import { bench } from '../../bench/practice.ts';
import { describeMachine, figure, unmeasured } from '../../bench/report/figures.ts';
import { table } from '../../bench/report/table.ts';

test('a figure that is not there is refused before anything is measured, with those that are', async () => {
  await expect(bench(['clock-back', 'nothing'])).rejects.toThrow(/nothing is no figure.*journal-flip/);
});

test('what cannot be measured says why, beside its floor, and what was measured what its run saw', () => {
  const figures = [
    unmeasured('disk-full', '', 'a file system is mounted for it', { floor: 1 }),
    figure('clock-back', 1, '', { floor: 1, seen: 'three rounds committed' }),
  ];
  expect(figures[0]).toMatchObject({ measured: false, value: null, floor: 1 });
  const [full = '', clock = ''] = table({ machine: describeMachine(), figures }).split('\n').slice(2);
  expect(full).toMatch(/disk-full +not measured .* 1 .*a file system is mounted for it/);
  expect(clock).toMatch(/clock-back +1 .*three rounds committed/);
});
