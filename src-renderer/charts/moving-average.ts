import type { SeriesPoint } from '../../src-shared/contract/page.ts';

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
