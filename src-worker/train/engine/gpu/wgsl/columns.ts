import { type Format, vectors } from './format.ts';
import { ENTRY, GROUP, type Kernel, kernel, params, read, write } from './kernel.ts';

/**
 * Sums over rows without atomics: rows are cut into `COLUMN_PARTS` runs, each summed in order by a thread for four
 * columns; a second kernel adds the runs in order to what stands in the gradient. The same sum on every run.
 */
export const COLUMN_PARTS = 32;
const LANES = 64;

/** Workgroups of the first kernel for so many columns. */
export const columnGroups = (columns: number): number => Math.ceil(columns / 4 / LANES) * COLUMN_PARTS;

const place = (own: number) => `
  ${GROUP}
  let run = group % ${COLUMN_PARTS}u;
  let c = group / ${COLUMN_PARTS}u * ${LANES}u + lane;
  if (c >= ${own}u) { return; }
  let size = (params.rows + ${COLUMN_PARTS - 1}u) / ${COLUMN_PARTS}u;
  let end = min(params.rows, (run + 1u) * size);`;

/** parts[run] = the run's sum of dy, for the gradient of a bias. */
export function columnSums(columns: number, format: Format): Kernel {
  const own = columns / 4;
  return kernel(
    `columnSums ${columns} ${format}`,
    [params, read('dy', vectors(format)), write('parts', 'array<vec4f>')],
    `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {${place(own)}
  var sum = vec4f();
  for (var row = run * size; row < end; row = row + 1u) { sum = sum + vec4f(dy[row * ${own}u + c]); }
  parts[run * ${own}u + c] = sum;
}`,
  );
}

/** parts[run] = the run's sums of dy * hat and of dy, one after the other: gradients of a norm's gain and bias. */
export function normColumnSums(width: number): Kernel {
  const own = width / 4;
  return kernel(
    `normColumnSums ${width}`,
    [
      params,
      read('dy', 'array<vec4f>'),
      read('x', 'array<vec4f>'),
      read('moments', 'array<vec2f>'),
      write('parts', 'array<vec4f>'),
    ],
    `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {${place(own)}
  var gain = vec4f();
  var bias = vec4f();
  for (var row = run * size; row < end; row = row + 1u) {
    let d = dy[row * ${own}u + c];
    gain = gain + d * (x[row * ${own}u + c] - moments[row].x) * moments[row].y;
    bias = bias + d;
  }
  parts[run * ${2 * own}u + c] = gain;
  parts[run * ${2 * own}u + ${own}u + c] = bias;
}`,
  );
}

/** out += the micro-batch's share of the sum of the runs, which lie `stride` columns apart, from column `first` on. */
export function addColumnParts(options: {
  readonly columns: number;
  readonly stride: number;
  readonly first: number;
}): Kernel {
  const { columns, stride, first } = options;
  return kernel(
    `addColumnParts ${columns} ${stride} ${first}`,
    [params, read('parts', 'array<vec4f>'), write('out', 'array<vec4f>')],
    `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${GROUP}
  let c = group * ${LANES}u + lane;
  if (c >= ${columns / 4}u) { return; }
  var sum = vec4f();
  for (var run = 0u; run < ${COLUMN_PARTS}u; run = run + 1u) {
    sum = sum + parts[run * ${stride / 4}u + ${first / 4}u + c];
  }
  out[c] = out[c] + sum * (params.share * params.down);
}`,
  );
}

export const addGroups = (columns: number): number => Math.ceil(columns / 4 / LANES);
