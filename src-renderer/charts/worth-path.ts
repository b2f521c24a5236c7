import type { WorthPoint } from '../../src-shared/contract/page/money.ts';

export interface WorthPath {
  /** One piece for each stretch of days without a gap: a day on which nobody looked is drawn as none. */
  readonly lines: readonly string[];
  readonly areas: readonly string[];
  readonly dots: readonly { readonly x: number; readonly y: number }[];
}

const DAY_MS = 86_400_000;
const GAP_MS = 1.6 * DAY_MS;

/** The line of an account's worth in a box, from the lowest to the highest of what is shown, with room above and below. */
export function worthPath(
  points: readonly WorthPoint[],
  span: { readonly fromMs: number; readonly toMs: number },
  box: { readonly width: number; readonly height: number },
): WorthPath {
  const values = points.map(({ totalRao }) => totalRao as bigint);
  const lowest = values.reduce((low, value) => (value < low ? value : low), values[0] ?? 0n);
  const highest = values.reduce((high, value) => (value > high ? value : high), values[0] ?? 0n);
  const xOf = (atMs: number) => round(((atMs - span.fromMs) / (span.toMs - span.fromMs)) * box.width);
  const room = box.height * 0.12;
  const yOf = (value: bigint) => {
    const share =
      highest === lowest ? 0.5 : Number(((value - lowest) * 10_000n) / (highest - lowest)) / 10_000;
    return round(box.height - room - share * (box.height - 2 * room));
  };
  const pieces = stretches(points).map((piece) =>
    piece.map(({ atMs, totalRao }) => ({ x: xOf(atMs), y: yOf(totalRao) })),
  );
  const long = pieces.filter((piece) => piece.length > 1);
  return {
    lines: long.map((piece) => `M${piece.map(({ x, y }) => `${x} ${y}`).join('L')}`),
    areas: long.map(
      (piece) =>
        `M${piece[0]?.x} ${box.height}L${piece.map(({ x, y }) => `${x} ${y}`).join('L')}L${piece.at(-1)?.x} ${box.height}Z`,
    ),
    dots: pieces.filter((piece) => piece.length === 1).flat(),
  };
}

function stretches(points: readonly WorthPoint[]): readonly WorthPoint[][] {
  const all: WorthPoint[][] = [];
  for (const point of points) {
    const last = all.at(-1)?.at(-1);
    if (last && point.atMs - last.atMs <= GAP_MS) all.at(-1)?.push(point);
    else all.push([point]);
  }
  return all;
}

const round = (value: number): number => Math.round(value * 10) / 10;
