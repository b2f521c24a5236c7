import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linePicture } from '../../src-renderer/charts/line-path.ts';
import { rankBars } from '../../src-renderer/charts/rank-bars.ts';
import { cellAfter } from '../../src-renderer/state/grid.ts';
import { firstSorting, metagraphColumns, metagraphRows, sorted } from '../../src-renderer/state/metagraph.ts';
import { fullSubnet, quietSubnet } from '../e2e/page/subnet-scenes.ts';

const NOW = 1_780_000_000_000;

describe('the table of neurons', () => {
  const rows = metagraphRows(fullSubnet(NOW));

  it('marks one’s own row, and who is kept', () => {
    expect(rows.filter(({ isMine }) => isMine).map(({ uid }) => uid)).toEqual([23]);
    expect(rows.some(({ isKept }) => isKept)).toBe(true);
    expect(metagraphRows(quietSubnet(NOW)).some(({ isKept }) => isKept)).toBe(false);
  });

  it('sorts by every column both ways and loses nobody; what is not known goes last', () => {
    for (const by of metagraphColumns) {
      const [up, down] = [false, true].map((isDown) => sorted(rows, { by, isDown }));
      for (const order of [up, down]) expect(new Set(order?.map(({ uid }) => uid)).size).toBe(rows.length);
      if (by === 'order') expect([up?.at(-1)?.order, down?.at(-1)?.order]).toEqual([null, null]);
    }
    expect(sorted(rows, firstSorting('uid')).map(({ uid }) => uid)).toEqual(rows.map(({ uid }) => uid));
    const byStake = sorted(rows, firstSorting('stake')).map(({ stakeAlpha }) => stakeAlpha);
    expect(byStake).toEqual(byStake.toSorted((a, b) => (a > b ? -1 : 1)));
  });

  it('leads keys through all cells and never out of the grid', () => {
    const keys = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End'];
    const press = fc.record({ key: fc.constantFrom(...keys), ctrlKey: fc.boolean() });
    fc.assert(
      fc.property(fc.array(press, { maxLength: 60 }), (pressed) => {
        let cell = { row: -1, column: 0 };
        for (const event of pressed)
          cell = cellAfter(cell, event, { rows: 256, columns: metagraphColumns.length, page: 12 }) ?? cell;
        return cell.row >= -1 && cell.row < 256 && cell.column >= 0 && cell.column < metagraphColumns.length;
      }),
    );
    expect(
      cellAfter({ row: 4, column: 3 }, { key: 'a', ctrlKey: false }, { rows: 256, columns: 10, page: 12 }),
    ).toBeNull();
  });
});

describe('bars by rank', () => {
  const miners = [5, 0, 9, 1].map((incentive, uid) => ({ uid, incentive }));
  it('stand by size, without those who earn nothing', () => {
    expect(rankBars(miners, 0, 10)).toEqual([
      { uid: 2, share: 1, isMine: false },
      { uid: 0, share: 5 / 9, isMine: true },
      { uid: 3, share: 1 / 9, isMine: false },
    ]);
  });
  it('keep one’s own among the first ones', () => {
    expect(rankBars(miners, 3, 2).map(({ uid }) => uid)).toEqual([2, 3]);
    expect(rankBars([], null, 5)).toEqual([]);
  });
});

describe('a line over time', () => {
  const box = { width: 100, height: 10 };
  const line = (...values: readonly (number | null)[]) => values.map((value, i) => ({ atMs: i * 10, value }));
  it('goes from corner to corner', () => {
    expect(linePicture(line(1, 2, 3), box)).toMatchObject({ paths: ['M0 10L50 5L100 0'], low: 1, high: 3 });
  });
  it('leaves gaps where nothing is known, and where nothing was seen for long', () => {
    expect(linePicture(line(1, null, 3, 3), box)?.paths).toHaveLength(2);
    const late = [...line(1, 2, 3), { atMs: 500, value: 4 }, { atMs: 510, value: 4 }];
    expect(linePicture(late, box)?.paths).toHaveLength(2);
  });
  it('lies in the middle where nothing changes, and is none for a single value', () => {
    expect(linePicture(line(2, 2), box)?.paths).toEqual(['M0 5L100 5']);
    expect(linePicture(line(2, null), box)).toBeNull();
  });
  it('never leaves its box', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: -1e9, max: 1e9, noNaN: true })), { minLength: 2 }),
        (values) => {
          const numbers =
            linePicture(line(...values), box)
              ?.paths.join(' ')
              .match(/-?[\d.e+-]+/g) ?? [];
          return numbers.every((n) => Number(n) >= 0 && Number(n) <= 100);
        },
      ),
    );
  });
});
