import { expect, it } from 'vitest';
import { curvesAsSvg } from '../../../bench/learning/curves-svg.ts';

const line = (label: string, ...losses: number[]) => ({
  label,
  points: losses.map((loss, i) => ({ tokens: (i + 1) * 1_000, loss })),
});

it('says every ending in words, none over another', () => {
  const svg = curvesAsSvg([line('first', 7, 6.01), line('second', 6.9, 6), line('third', 6.95, 6.02)]);
  for (const words of ['first 6.01', 'second 6.00', 'third 6.02']) expect(svg).toContain(`>${words}<`);
  const heights = [...svg.matchAll(/y="([\d.]+)" fill="#[\da-f]{6}">\w+ \d\.\d\d</g)]
    .map(([, y]) => Number(y))
    .sort((a, b) => a - b);
  expect(heights).toHaveLength(3);
  for (const [i, height] of heights.entries())
    if (i > 0) expect(height - heights[i - 1]!).toBeGreaterThanOrEqual(16);
});

it('draws a lower loss lower', () => {
  const way = /<path d="M([\d. L]+)" fill="none"/.exec(curvesAsSvg([line('one', 7, 6)]))![1]!;
  const [before, after] = way.split('L').map((point) => Number(point.split(' ')[1]));
  expect(after!).toBeGreaterThan(before!);
});
