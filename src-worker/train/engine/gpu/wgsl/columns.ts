import { type Format, vectors } from './format.ts';
import { ENTRY, GROUP, type Kernel, kernel, params, read, write } from './kernel.ts';

/**
 * Sums over rows without atomics: rows are cut into `COLUMN_PARTS` runs, each summed in order by a thread for four
 * columns; a second kernel adds the runs in order to what stands in the gradient. The same sum on every run.
 *
 * What is there at the same time is summed in one dispatch: such sums are too small to keep a card busy, and each
 * dispatch is recorded by the processor.
 */
export const COLUMN_PARTS = 32;
const LANES = 64;

/** Gradients of the biases of some products, one after the other, then of a norm's gain and of its bias. */
export interface ColumnSums {
  /** Columns of what flows back into each product. */
  readonly biases: readonly number[];
  /** Channels of the norm. */
  readonly width: number;
}

/** Columns that a thread of the first kernel goes over: those of the norm once, for gain and bias. */
const summed = ({ biases, width }: ColumnSums): number => total(biases) + width;

/** Columns that come of them, and a run's are so many apart. */
export const sumsOf = ({ biases, width }: ColumnSums): number => total(biases) + 2 * width;

const total = (columns: readonly number[]): number => columns.reduce((sum, own) => sum + own, 0);

/** Where each begins that stands behind the ones before it. */
const firsts = (columns: readonly number[]): number[] => columns.map((_, i) => total(columns.slice(0, i)));

/** Workgroups of the first kernel. */
export const columnGroups = (sums: ColumnSums): number => Math.ceil(summed(sums) / 4 / LANES) * COLUMN_PARTS;

/** Workgroups of the second. */
export const addGroups = (sums: ColumnSums): number => Math.ceil(sumsOf(sums) / 4 / LANES);

const keyOf = (name: string, { biases, width }: ColumnSums): string =>
  `${name} ${[...biases, width].join(' ')}`;

/** parts[run] = the run's sums of each dy, then of the norm's dy * hat and of its dy. */
export function columnSums(sums: ColumnSums, format: Format): Kernel {
  const { biases, width } = sums;
  const stride = sumsOf(sums) / 4;
  const first = firsts(biases);
  const bias = (columns: number, i: number) => `
  if (c < ${(first[i]! + columns) / 4}u) {
    var sum = vec4f();
    let at = c - ${first[i]! / 4}u;
    for (var row = run * size; row < end; row = row + 1u) { sum = sum + vec4f(dy${i}[row * ${columns / 4}u + at]); }
    parts[run * ${stride}u + c] = sum;
    return;
  }`;
  return kernel(
    `${keyOf('columnSums', sums)} ${format}`,
    [
      params,
      ...biases.map((_, i) => read(`dy${i}`, vectors(format))),
      read('dNormed', 'array<vec4f>'),
      read('x', 'array<vec4f>'),
      read('moments', 'array<vec2f>'),
      write('parts', 'array<vec4f>'),
    ],
    `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${GROUP}
  let run = group % ${COLUMN_PARTS}u;
  let c = group / ${COLUMN_PARTS}u * ${LANES}u + lane;
  if (c >= ${summed(sums) / 4}u) { return; }
  let size = (params.rows + ${COLUMN_PARTS - 1}u) / ${COLUMN_PARTS}u;
  let end = min(params.rows, (run + 1u) * size);
  ${biases.map(bias).join('')}
  let at = c - ${total(biases) / 4}u;
  var gain = vec4f();
  var bias = vec4f();
  for (var row = run * size; row < end; row = row + 1u) {
    let d = dNormed[row * ${width / 4}u + at];
    gain = gain + d * (x[row * ${width / 4}u + at] - moments[row].x) * moments[row].y;
    bias = bias + d;
  }
  parts[run * ${stride}u + c] = gain;
  parts[run * ${stride}u + ${width / 4}u + c] = bias;
}`,
  );
}

/** Each out += the micro-batch's share of the sum of its runs. */
export function addColumnParts(sums: ColumnSums): Kernel {
  const outs = [...sums.biases, sums.width, sums.width];
  const stride = sumsOf(sums) / 4;
  const first = firsts(outs);
  const add = (columns: number, i: number) =>
    `if (c < ${(first[i]! + columns) / 4}u) { let at = c - ${first[i]! / 4}u; out${i}[at] = out${i}[at] + share; }`;
  return kernel(
    keyOf('addColumnParts', sums),
    [params, read('parts', 'array<vec4f>'), ...outs.map((_, i) => write(`out${i}`, 'array<vec4f>'))],
    `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${GROUP}
  let c = group * ${LANES}u + lane;
  if (c >= ${stride}u) { return; }
  var sum = vec4f();
  for (var run = 0u; run < ${COLUMN_PARTS}u; run = run + 1u) { sum = sum + parts[run * ${stride}u + c]; }
  let share = sum * (params.share * params.down);
  ${outs.map(add).join('\n  else ')}
}`,
  );
}
