import type { SeriesPoint } from '../../src-shared/contract/page/runs.ts';

/**
 * The bold line through a noisy series: an average whose memory is a share of the span shown, so that it reads the
 * same at one minute and at one day. Starts at the first value, without a ramp from zero.
 * @param memoryMs time over which a value fades to 1/e
 */
export function movingAverage(points: readonly SeriesPoint[], memoryMs: number): readonly SeriesPoint[] {
  let average = 0;
  let lastMs = 0;
  return points.map(({ t, v }, index) => {
    const keep = index === 0 ? 0 : Math.exp(-Math.max(0, t - lastMs) / memoryMs);
    average = index === 0 ? v : average * keep + v * (1 - keep);
    lastMs = t;
    return { t, v: average };
  });
}

/** So many usual distances without a point, and nothing was measured there. */
const GAP_DISTANCES = 8;
const GAP_MIN_MS = 3_000;

/** Points of a line with a hole wherever none was measured for long: a gap stays a gap. */
export function withGaps(
  points: readonly SeriesPoint[],
): readonly { readonly x: number; readonly y: number }[] {
  const distances = points.slice(1).map(({ t }, index) => t - (points[index]?.t ?? t));
  const usual = distances.toSorted((a, b) => a - b)[distances.length >> 1] ?? 0;
  const longest = Math.max(GAP_MIN_MS, GAP_DISTANCES * usual);
  return points.flatMap(({ t: x, v: y }, index) => {
    const distance = index === 0 ? 0 : (distances[index - 1] ?? 0);
    return distance > longest
      ? [
          { x: x - distance / 2, y: Number.NaN },
          { x, y },
        ]
      : [{ x, y }];
  });
}
