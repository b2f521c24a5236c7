import { ENTRY, GROUP } from './kernel.ts';
import type { Form } from './products.ts';

/**
 * G3: the matrix units of a card, through an extension of WGSL that is experimental: every line of it that we generate
 * stands here. Factors are float16, sums float32. A tile of C for a workgroup is shared out among its subgroups, each of
 * which holds its part in matrices; they leave through workgroup memory, because what happens to a result needs its
 * place.
 */
export interface MatrixTiling {
  readonly family: 'G3';
  /** Of C in a workgroup. */
  readonly rows: number;
  readonly columns: number;
  readonly deep: number;
  /** Rows of A, columns of B, and what is summed over, in one instruction. */
  readonly matrix: MatrixShape;
  /** Threads of a subgroup, which the card has no choice about. */
  readonly subgroup: number;
}

export type MatrixShape = readonly [m: number, n: number, k: number];

/** A run on a card in which G3 came to the right numbers and was the fastest. */
export interface ProvenMatrix {
  /** As the adapter names them. */
  readonly vendor: string;
  readonly architecture: string;
  readonly matrix: MatrixShape;
  readonly subgroup: number;
  /** Where the run is recorded. */
  readonly record: string;
}

/** Cards on which G3 is tried: none before a run on one of that kind is recorded. */
export const PROVEN_MATRICES: readonly ProvenMatrix[] = [];

/** What makers build: NVIDIA and AMD, Apple, Intel. */
export const MATRIX_SHAPES: readonly MatrixShape[] = [
  [16, 16, 16],
  [8, 8, 8],
  [8, 16, 16],
];

/** What Dawn calls the extension, and what has to be allowed for it. */
export const MATRIX_FEATURE = 'chromium-experimental-subgroup-matrix';
export const MATRIX_TOGGLE = 'allow_unsafe_apis';
export const MATRIX_EXTENSIONS = ['subgroups', 'chromium_experimental_subgroup_matrix'] as const;

export const MATRIX_THREADS = 128;
/** Results leave in so many goes, so that a tile of them fits into workgroup memory beside the factors. */
const LEAVINGS = 2;

export const matrixTiling = (matrix: MatrixShape, subgroup: number): MatrixTiling => ({
  family: 'G3',
  ...{ rows: 64, columns: 64, deep: 32 },
  matrix,
  subgroup,
});

/** What is worth trying on a card of this kind. */
export const matrixTilings = (vendor: string, architecture: string): readonly MatrixTiling[] =>
  PROVEN_MATRICES.filter((one) => one.vendor === vendor && one.architecture === architecture).map((one) =>
    matrixTiling(one.matrix, one.subgroup),
  );

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lines = (of: readonly string[]): string => of.join('\n    ');

/** Whether each subgroup has whole matrices, and leaves whole ones each time. */
export const isWhole = (tiling: MatrixTiling): boolean => {
  const { rows, columns } = sharesOf(tiling);
  const [m, n, k] = tiling.matrix;
  return rows % (LEAVINGS * m) === 0 && columns % n === 0 && tiling.deep % k === 0;
};

/** How subgroups share a tile: side by side as far as there are two of them, then one above the other. */
function sharesOf({ rows, columns, subgroup }: MatrixTiling) {
  const units = MATRIX_THREADS / subgroup;
  const wide = Math.min(2, units);
  return { wide, rows: (rows * wide) / units, columns: columns / wide };
}

export function subgroupMatrixTile(form: Form, tiling: MatrixTiling): string {
  const { rows, columns, deep, matrix } = tiling;
  const [m, n, k] = matrix;
  if (!isWhole(tiling))
    throw new RangeError(`no whole matrices of ${matrix} for subgroups of ${tiling.subgroup}`);
  const share = sharesOf(tiling);
  const [high, wide] = [share.rows / m, share.columns / n];
  const result = `subgroup_matrix_result<f32, ${n}, ${m}>`;
  const sums = range(high).flatMap((i) => range(wide).map((j) => `var s${i}_${j}: ${result};`));
  return `
var<workgroup> tileA: array<f16, ${rows * deep}>;
var<workgroup> tileB: array<f16, ${columns * deep}>;
var<workgroup> tileC: array<f32, ${(rows * columns) / LEAVINGS}>;
@compute @workgroup_size(${MATRIX_THREADS}) fn main(${ENTRY}, @builtin(subgroup_id) unit: u32) {
  ${GROUP}
  let m = sizeM();
  let k = sizeK();
  let across = (N + ${columns / 4 - 1}u) / ${columns / 4}u;
  let firstA = group / across * ${rows}u;
  let firstB = group % across * ${columns}u;
  let endA = m;
  let endB = N * 4u;
  let firstRow = unit / ${share.wide}u * ${share.rows}u;
  let firstColumn = unit % ${share.wide}u * ${share.columns}u;
    ${lines(sums)}
  for (var start = 0u; start < k; start = start + ${deep}u) {
    ${fill('A', form !== 'TN', rows, deep)}
    ${fill('B', form === 'NT', columns, deep)}
    workgroupBarrier();
    for (var q = 0u; q < ${deep / k}u; q = q + 1u) {
    ${lines(multiply(form, tiling, high, wide))}
    }
    workgroupBarrier();
  }
  ${range(LEAVINGS)
    .map((leaving) => leave(tiling, leaving))
    .join('\n  ')}
}`;
}

/** The lines that add one step of the sum: `high` matrices of A from `firstRow` on with `wide` of B from `firstColumn` on. */
function multiply(form: Form, tiling: MatrixTiling, high: number, wide: number): string[] {
  const { rows, columns, deep, matrix } = tiling;
  const [m, n, k] = matrix;
  const left = `subgroup_matrix_left<f16, ${k}, ${m}>`;
  const right = `subgroup_matrix_right<f16, ${n}, ${k}>`;
  // Where element (row, k) of A and (k, column) of B lie in their tiles.
  const [a, b] = [
    form === 'TN' ? { order: 'col_major', stride: rows } : { order: 'row_major', stride: deep },
    form === 'NT' ? { order: 'col_major', stride: deep } : { order: 'row_major', stride: columns },
  ];
  const atA = (i: number) =>
    form === 'TN'
      ? `q * ${k * rows}u + firstRow + ${i * m}u`
      : `(firstRow + ${i * m}u) * ${deep}u + q * ${k}u`;
  const atB = (j: number) =>
    form === 'NT'
      ? `(firstColumn + ${j * n}u) * ${deep}u + q * ${k}u`
      : `q * ${k * columns}u + firstColumn + ${j * n}u`;
  return [
    ...range(high).map(
      (i) => `let x${i} = subgroupMatrixLoad<${left}, ${a.order}>(&tileA, ${atA(i)}, ${a.stride}u);`,
    ),
    ...range(wide).flatMap((j) => [
      `let y${j} = subgroupMatrixLoad<${right}, ${b.order}>(&tileB, ${atB(j)}, ${b.stride}u);`,
      ...range(high).map((i) => `s${i}_${j} = subgroupMatrixMultiplyAccumulate(x${i}, y${j}, s${i}_${j});`),
    ]),
  ];
}

/** Fills a tile, four numbers a thread at a time; what lies beyond an end is taken for zero. */
function fill(name: 'A' | 'B', isAcross: boolean, size: number, deep: number): string {
  const vectors = (isAcross ? deep : size) / 4;
  const place = isAcross
    ? `let line = first${name} + t / ${vectors}u; let at = start / 4u + t % ${vectors}u;
      let isInside = line < end${name} && at * 4u < k;
      let source = min(line, end${name} - 1u) * LD${name} + min(at, k / 4u - 1u);`
    : `let line = start + t / ${vectors}u; let at = first${name} / 4u + t % ${vectors}u;
      let isInside = line < k && at * 4u < end${name};
      let source = min(line, k - 1u) * LD${name} + min(at, (end${name} + 3u) / 4u - 1u);`;
  const puts = range(4).map((i) => `tile${name}[t * 4u + ${i}u] = value.${'xyzw'[i]};`);
  return `for (var t = lane; t < ${(size * deep) / 4}u; t = t + ${MATRIX_THREADS}u) {
      ${place}
      let value = select(vec4h(), ${name.toLowerCase()}[source], isInside);
      ${puts.join(' ')}
    }`;
}

/** A part of each subgroup's rows goes to workgroup memory, and from there where it belongs. */
function leave(tiling: MatrixTiling, leaving: number): string {
  const { columns } = tiling;
  const [m, n] = tiling.matrix;
  const share = sharesOf(tiling);
  const own = share.rows / LEAVINGS;
  const stores = range(own / m).flatMap((i) =>
    range(share.columns / n).map(
      (j) =>
        `subgroupMatrixStore<row_major>(&tileC, (firstRow / ${LEAVINGS}u + ${i * m}u) * ${columns}u + firstColumn + ${j * n}u, s${i + (leaving * own) / m}_${j}, ${columns}u);`,
    ),
  );
  const value = range(4).map((q) => `tileC[t * 4u + ${q}u]`);
  return `${lines(stores)}
  workgroupBarrier();
  for (var t = lane; t < ${(tiling.rows * columns) / LEAVINGS / 4}u; t = t + ${MATRIX_THREADS}u) {
    let line = t / ${columns / 4}u;
    let row = firstA + line / ${own}u * ${share.rows}u + ${leaving * own}u + line % ${own}u;
    let column = firstB / 4u + t % ${columns / 4}u;
    if (row < m && column < N) { store(row * LDC + column, column, vec4f(${value.join(', ')})); }
  }
  workgroupBarrier();`;
}
