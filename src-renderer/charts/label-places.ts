/**
 * Heights for labels that want to stand at `wanted` but must keep `gap` apart, within [top, bottom]. Order is kept;
 * each moves as little as its neighbours allow.
 */
export function spreadLabels(
  wanted: readonly number[],
  gap: number,
  top: number,
  bottom: number,
): readonly number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  let last = top - gap;
  for (const place of order) {
    place.y = Math.max(place.y, last + gap);
    last = place.y;
  }
  last = bottom + gap;
  for (const place of order.toReversed()) {
    place.y = Math.min(place.y, last - gap);
    last = place.y;
  }
  const places = [...wanted];
  for (const { y, index } of order) places[index] = y;
  return places;
}

const MINUTE = 60_000;
const steps = [10_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE];
const HOUR = 60 * MINUTE;

/** Round distances from the start of a span, at most `most` of them, the start included. */
export function elapsedTicks(spanMs: number, most: number): readonly number[] {
  const fitting = steps.find((step) => spanMs / step < most);
  const step = fitting ?? Math.ceil(spanMs / most / HOUR) * HOUR;
  return Array.from({ length: Math.floor(spanMs / step) + 1 }, (_, i) => i * step);
}
