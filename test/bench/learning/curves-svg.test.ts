import { expect, it } from 'vitest';
import { curvesAsSvg } from '../../../bench/learning/curves-svg.ts';

const line = (label: string, ...losses: number[]) => ({
  label,
  loss: losses.at(-1)! + 0.04,
  points: losses.map((loss, i) => ({ tokens: (i + 1) * 1_000, loss })),
});

it('says every ending in words, none over another', () => {
  const svg = curvesAsSvg([line('first', 7, 6.01), line('second', 6.9, 6), line('third', 6.95, 6.02)]);
  for (const words of ['first 6.050', 'second 6.040', 'third 6.060']) expect(svg).toContain(`>${words}<`);
  const heights = [...svg.matchAll(/y="([\d.]+)" fill="#[\da-f]{6}">\w+ \d\.\d{3}</g)]
    .map(([, y]) => Number(y))
    .sort((a, b) => a - b);
  expect(heights).toHaveLength(3);
  for (const [i, height] of heights.entries())
    if (i > 0) expect(height - heights[i - 1]!).toBeGreaterThanOrEqual(16);
});

it('names each tick by the loss that it stands at', () => {
  const svg = curvesAsSvg([line('one', 6.8, 5.3)]);
  const ticks = [...svg.matchAll(/<path d="M56 ([\d.]+)H[^>]+><text [^>]+>([\d.]+)</g)];
  const [first, ...rest] = ticks.map(([, y, words]) => ({ y: Number(y), loss: Number(words) }));
  expect(rest.length).toBeGreaterThan(0);
  const perNat = (first!.y - rest.at(-1)!.y) / (rest.at(-1)!.loss - first!.loss);
  const way = /<path d="M[\d. ]+L[\d.]+ ([\d.]+)" fill="none"/.exec(svg)![1]!;
  expect(first!.loss + (first!.y - Number(way)) / perNat).toBeCloseTo(5.3, 2);
});

it('draws a lower loss lower', () => {
  const way = /<path d="M([\d. L]+)" fill="none"/.exec(curvesAsSvg([line('one', 7, 6)]))![1]!;
  const [before, after] = way.split('L').map((point) => Number(point.split(' ')[1]));
  expect(after!).toBeGreaterThan(before!);
});
