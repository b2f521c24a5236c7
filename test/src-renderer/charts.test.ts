import { describe, expect, it } from 'vitest';
import { epochBars } from '../../src-renderer/charts/epoch-bars.ts';
import { elapsedTicks, spreadLabels } from '../../src-renderer/charts/label-places.ts';
import { lossOverlay } from '../../src-renderer/charts/loss-overlay.ts';
import { movingAverage, withGaps } from '../../src-renderer/charts/moving-average.ts';
import { roundMarks } from '../../src-renderer/charts/round-times.ts';
import type { RoundSummary } from '../../src-shared/contract/page/runs.ts';
import { alphaRao } from '../../src-shared/units.ts';

const epoch = (block: number, alpha: bigint) => ({ block, atMs: block * 1000, alpha: alphaRao(alpha) });
const summary = (round: number, outcome: RoundSummary['outcome']): RoundSummary => ({
  round,
  outcome,
  members: 4,
  contributed: true,
  bytes: 1,
  durationMs: 1,
  heldOutLoss: null,
  endedAtMs: null,
  reason: null,
  edges: [],
  group: [],
});

describe('pay per epoch', () => {
  it('leaves the slot of a missing epoch empty', () => {
    const bars = epochBars([epoch(10, 5n), epoch(20, 5n), epoch(40, 10n)], 10);
    expect(bars.map(({ slot }) => slot)).toEqual([6, 7, 9]);
  });

  it('measures against the largest', () => {
    expect(epochBars([epoch(10, 5n), epoch(20, 10n)], 10).map(({ share }) => share)).toEqual([0.5, 1]);
  });

  it('shows an epoch that paid nothing as nothing, not as a gap', () => {
    expect(epochBars([epoch(10, 0n)], 10)).toMatchObject([{ slot: 9, share: 0 }]);
  });

  it('drops what is older than its slots and survives amounts beyond doubles', () => {
    const bars = epochBars([epoch(10, 1n), epoch(20, 2n ** 70n), epoch(30, 2n ** 69n)], 2);
    expect(bars.map(({ share }) => share)).toEqual([1, 0.5]);
  });
});

describe('labels at the ends of lines', () => {
  it('stay where they are when there is room', () => {
    expect(spreadLabels([10, 60], 16, 0, 100)).toEqual([10, 60]);
  });

  it('keep their distance and order within the chart', () => {
    const [first = 0, second = 0, third = 0] = spreadLabels([98, 97, 99], 16, 0, 100);
    expect(first - second).toBeGreaterThanOrEqual(16);
    expect(third - first).toBeGreaterThanOrEqual(16);
    expect(third).toBeLessThanOrEqual(100);
  });

  it('stand beside the drawing, and the word of a missed round at its foot: nothing is written over the curves', () => {
    const written: { text: string; x: number; y: number }[] = [];
    const ctx = new Proxy({} as Record<string, unknown>, {
      get: (held, name) => {
        if (name === 'measureText') return () => ({ width: 80 });
        if (name === 'fillText')
          return (text: string, x: number, y: number) => void written.push({ text, x, y });
        return held[String(name)] ?? (() => undefined);
      },
    });
    const chartArea = { left: 20, right: 400, top: 0, bottom: 200 };
    const line = [{ x: 390, y: 5.1 }];
    const chart = {
      ...{ ctx, chartArea, data: { datasets: [{ data: line }, { data: line }, { data: line }] } },
      scales: {
        x: { getPixelForValue: (x: number) => x },
        y: { getPixelForValue: (y: number) => (8 - y) * 50 },
      },
      options: {
        plugins: {
          lossOverlay: {
            palette: {},
            picture: {
              series: [],
              heldOut: [{ round: 3, loss: 5.2, atMs: 390 }],
              marks: [{ round: 2, atMs: 300, outcome: 'void' }],
              unigram: 6.8,
            },
          },
        },
      },
    };
    lossOverlay.afterDatasetsDraw?.call(lossOverlay, chart as never, {}, {} as never, false as never);
    const [word, ...ends] = written;
    expect(word).toMatchObject({ text: 'round 2 void', y: chartArea.bottom - 5 });
    expect(ends).toHaveLength(3);
    expect(ends.filter(({ x }) => x <= chartArea.right)).toEqual([]);
    const heights = ends.map(({ y }) => y).toSorted((a, b) => a - b);
    expect((heights[2] ?? 0) - (heights[1] ?? 0)).toBeGreaterThanOrEqual(16);
  });

  it.each([9_000, 82_000, 830_000, 40_000_000])('mark at most five times in %d ms', (spanMs) => {
    const ticks = elapsedTicks(spanMs, 5);
    expect(ticks[0]).toBe(0);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(ticks.at(-1)).toBeLessThanOrEqual(spanMs);
  });
});

describe('rounds on the time axis', () => {
  const heldOut = [
    { round: -1, loss: 8, atMs: 0 },
    { round: 0, loss: 7, atMs: 1_000 },
    { round: 3, loss: 6, atMs: 4_000 },
  ];

  it('stand between their neighbours when they left no time of their own', () => {
    const marks = roundMarks(
      [summary(0, 'committed'), summary(1, 'void'), summary(3, 'committed')],
      heldOut,
      null,
    );
    expect(marks.map(({ atMs }) => atMs)).toEqual([1_000, 2_000, 4_000]);
  });

  it('reach beyond the last known one by the length of a round', () => {
    expect(roundMarks([summary(5, 'void')], heldOut, 900)).toMatchObject([{ atMs: 5_800 }]);
  });

  it('are left out where their time cannot be told', () => {
    expect(roundMarks([summary(5, 'void')], heldOut, null)).toEqual([]);
  });
});

describe('the bold line', () => {
  it('starts at the first value and follows slowly', () => {
    const line = movingAverage(
      [
        { t: 0, v: 8 },
        { t: 100, v: 0 },
        { t: 100_000, v: 0 },
      ],
      1_000,
    );
    expect(line[0]?.v).toBe(8);
    expect(line[1]?.v).toBeGreaterThan(7);
    expect(line[2]?.v).toBeLessThan(0.001);
  });

  it('has a hole where nothing was measured for long, and none at the usual distance', () => {
    const steady = Array.from({ length: 10 }, (_, i) => ({ t: i * 500, v: 1 }));
    expect(withGaps(steady)).toHaveLength(10);
    const broken = withGaps([...steady, { t: 20_000, v: 1 }]);
    expect(broken.filter(({ y }) => Number.isNaN(y))).toHaveLength(1);
  });
});
