import type { Point } from './learned.ts';

interface Line {
  readonly label: string;
  /** At the end, on the whole text; points are of a part of it. */
  readonly loss: number;
  readonly points: readonly Point[];
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 56;
const RIGHT = 176;
const TOP = 24;
const BOTTOM = 48;
/** Told apart by lightness too. */
const COLOURS = ['#5b6472', '#2d6cdf', '#0f8f6f', '#b4690e', '#8a4fbf'];
/** Between the words at the lines' ends. */
const LABEL_STEP = 16;
const LOSS_TICK = 0.5;

/** Losses by tokens as a picture that stands in light and dark pages alike: a frame of its own, words beside each line. */
export function curvesAsSvg(lines: readonly Line[]): string {
  const points = lines.flatMap((line) => line.points);
  const most = Math.max(...points.map(({ tokens }) => tokens));
  const half = LOSS_TICK / 2;
  const low = Math.floor(Math.min(...points.map(({ loss }) => loss)) / half) * half;
  const high = Math.ceil(Math.max(...points.map(({ loss }) => loss)) / half) * half;
  const x = (tokens: number) => LEFT + (tokens / most) * (WIDTH - LEFT - RIGHT);
  const y = (loss: number) => TOP + ((high - loss) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const first = Math.ceil(low / LOSS_TICK);
  const ticks = Array.from(
    { length: Math.floor(high / LOSS_TICK) - first + 1 },
    (_, i) => (first + i) * LOSS_TICK,
  );
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="t" font-family="system-ui, sans-serif" font-size="12">`,
    `<title id="t">Loss on held-out text by tokens trained on: ${lines.map(ending).join(', ')}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#fbfbfa"/>`,
    ...ticks.map(
      (loss) =>
        `<path d="M${LEFT} ${y(loss).toFixed(1)}H${WIDTH - RIGHT}" stroke="#dfe2e6"/><text x="${LEFT - 8}" y="${(y(loss) + 4).toFixed(1)}" text-anchor="end" fill="#4a525e">${loss.toFixed(1)}</text>`,
    ),
    ...[0, 0.5, 1].map(
      (part) =>
        `<text x="${x(part * most).toFixed(1)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#4a525e">${((part * most) / 1e6).toFixed(2)} M</text>`,
    ),
    `<text x="${LEFT}" y="${HEIGHT - 10}" fill="#4a525e">tokens of all four peers</text>`,
    `<text x="${LEFT}" y="${TOP - 8}" fill="#4a525e">nats a token</text>`,
    ...lines.map(({ points: line }, i) => pathOf(line, x, y, colour(i))),
    ...labels(lines, y),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

const colour = (i: number): string => COLOURS[i % COLOURS.length]!;

const ending = ({ label, loss }: Line): string => `${label} ${loss.toFixed(3)}`;

function pathOf(
  points: readonly Point[],
  x: (tokens: number) => number,
  y: (loss: number) => number,
  stroke: string,
): string {
  const way = points.map(({ tokens, loss }) => `${x(tokens).toFixed(1)} ${y(loss).toFixed(1)}`).join('L');
  return `<path d="M${way}" fill="none" stroke="${stroke}" stroke-width="2" stroke-linejoin="round"/>`;
}

/** From the lowest loss up, each at least a line of words from the one before. */
function labels(lines: readonly Line[], y: (loss: number) => number): string[] {
  const ends = lines.map((line, i) => ({
    text: ending(line),
    at: y(line.points.at(-1)!.loss),
    fill: colour(i),
  }));
  ends.sort((a, b) => b.at - a.at);
  let room = HEIGHT - BOTTOM;
  return ends.map(({ text, at, fill }) => {
    room = Math.min(at, room - LABEL_STEP);
    return `<text x="${WIDTH - RIGHT + 8}" y="${(room + 4).toFixed(1)}" fill="${fill}">${text}</text>`;
  });
}
