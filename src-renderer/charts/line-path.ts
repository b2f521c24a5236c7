/** A line over time as a path, with gaps where nothing is known. */
export interface TimePoint {
  readonly atMs: number;
  /** null: not known. */
  readonly value: number | null;
}

export interface LinePicture {
  /** One path a stretch; a point alone is a stretch without length. */
  readonly paths: readonly string[];
  readonly low: number;
  readonly high: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Where the newest known value stands, in the box. */
  readonly end: { readonly x: number; readonly y: number };
}

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** A silence so many times as long as usual is a gap. */
const GAP_FACTOR = 4;

/**
 * Fits the points into the box, high values on top. A line that never moves lies in the middle.
 * @param points the oldest first
 * @returns null for fewer than two known values
 */
export function linePicture(points: readonly TimePoint[], { width, height }: Box): LinePicture | null {
  const known = points.flatMap(({ atMs, value }) => (value === null ? [] : [{ atMs, value }]));
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last || first === last || last.atMs <= first.atMs) return null;
  const values = known.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (atMs: number) => ((atMs - first.atMs) / (last.atMs - first.atMs)) * width;
  const y = (value: number) => (high === low ? height / 2 : height - ((value - low) / (high - low)) * height);
  const at = ({ atMs, value }: { atMs: number; value: number }) => `${cut(x(atMs))} ${cut(y(value))}`;
  return {
    paths: stretches(points).map(
      (stretch) => `M${stretch.map(at).join('L')}${stretch.length === 1 ? 'h0' : ''}`,
    ),
    low,
    high,
    fromMs: first.atMs,
    toMs: last.atMs,
    end: { x: x(last.atMs), y: y(last.value) },
  };
}

const cut = (value: number): string => String(Math.round(value * 100) / 100);

/** Cut where a value is missing, and where the time between two is much longer than between most. */
function stretches(points: readonly TimePoint[]): { atMs: number; value: number }[][] {
  const usual = medianStep(points);
  const found: { atMs: number; value: number }[][] = [];
  let beforeMs: number | null = null;
  for (const { atMs, value } of points) {
    if (value === null) {
      beforeMs = null;
      continue;
    }
    const isGap = beforeMs === null || atMs - beforeMs > GAP_FACTOR * usual;
    if (isGap) found.push([]);
    found.at(-1)?.push({ atMs, value });
    beforeMs = atMs;
  }
  return found;
}

function medianStep(points: readonly TimePoint[]): number {
  const steps = points.slice(1).map(({ atMs }, i) => atMs - (points[i]?.atMs ?? atMs));
  const sorted = steps.toSorted((a, b) => a - b);
  return Math.max(1, sorted[Math.floor(sorted.length / 2)] ?? 1);
}
