import { GELU } from './gelu.ts';
import {
  type Binding,
  ENTRY,
  GROUP,
  type Groups,
  grid,
  type Kernel,
  kernel,
  params,
  read,
  write,
} from './kernel.ts';

/**
 * C = A B for the three ways in which a linear layer needs it, with W stored `[outputs, inputs]`:
 * - `NT` forward, `y = x W^T`: A is `[m, k]`, B is `[n, k]`
 * - `NN` data backward, `dx = dy W`: A is `[m, k]`, B is `[k, n]`
 * - `TN` weight backward, `dW += dy^T x`: A is `[k, m]`, B is `[k, n]`
 */
export type Form = 'NT' | 'NN' | 'TN';

/** What happens to a result before it is stored. */
export type Epilogue =
  /** C = AB */
  | 'set'
  /** C = C + AB */
  | 'add'
  /** C = AB + bias */
  | 'bias'
  /** C = AB + bias + from: the residual stream goes on in another buffer. */
  | 'residual'
  /** C = AB + bias, and bent = gelu(C) */
  | 'gelu'
  /** C = AB * gelu'(wide) */
  | 'geluSlope';

export interface GemmShape {
  readonly form: Form;
  readonly epilogue: Epilogue;
  /** Rows of C; 'rows' for those of the micro-batch. Columns and `k` are multiples of 4. */
  readonly m: number | 'rows';
  readonly n: number;
  readonly k: number | 'rows';
  /** Elements from one row of A, B, C to the next. */
  readonly lda: number;
  readonly ldb: number;
  readonly ldc: number;
}

/** How a product is cut into threads. */
export interface Tiling {
  readonly family: 'G0' | 'G1';
}

const LANES = 64;
/** Rows and columns of C in one thread of G0. */
const [TILE_M, TILE_N] = [4, 8];

/** What an epilogue binds after A, B and C. */
const BOUND: Readonly<Record<Epilogue, readonly Binding[]>> = {
  set: [],
  add: [],
  bias: [read('bias', 'array<vec4f>')],
  residual: [read('bias', 'array<vec4f>'), read('residue', 'array<vec4f>')],
  gelu: [read('bias', 'array<vec4f>'), write('bent', 'array<vec4f>')],
  geluSlope: [read('wide', 'array<vec4f>')],
};

/** WGSL that stores `value` at vector `at` of C, in column vector `column`. */
const STORE: Readonly<Record<Epilogue, string>> = {
  set: 'c[at] = value;',
  add: 'c[at] = c[at] + value;',
  bias: 'c[at] = value + bias[column];',
  residual: 'c[at] = value + bias[column] + residue[at];',
  gelu: 'let sum = value + bias[column]; c[at] = sum; bent[at] = gelu(sum);',
  geluSlope: 'c[at] = value * geluSlope(wide[at]);',
};

const sizes = ({ m, n, k, lda, ldb, ldc }: GemmShape): string => `
const N = ${n / 4}u;
const LDA = ${lda / 4}u;
const LDB = ${ldb / 4}u;
const LDC = ${ldc / 4}u;
fn sizeM() -> u32 { return ${m === 'rows' ? 'params.rows' : `${m}u`}; }
fn sizeK() -> u32 { return ${k === 'rows' ? 'params.rows' : `${k}u`}; }`;

const keyOf = (shape: GemmShape, { family }: Tiling): string =>
  `gemm ${family} ${shape.form} ${shape.epilogue} ${shape.m} ${shape.n} ${shape.k} ${shape.lda} ${shape.ldb} ${shape.ldc}`;

/** The product as one shader. */
export function gemm(shape: GemmShape, tiling: Tiling): Kernel {
  const { epilogue } = shape;
  const bindings = [
    params,
    read('a', 'array<vec4f>'),
    read('b', 'array<vec4f>'),
    write('c', 'array<vec4f>'),
    ...BOUND[epilogue],
  ];
  const helpers = epilogue === 'gelu' || epilogue === 'geluSlope' ? GELU : '';
  const store = `${helpers}
fn store(at: u32, column: u32, value: vec4f) { ${STORE[epilogue]} }`;
  const body = tiling.family === 'G0' ? registerTile(shape) : workgroupTile(shape);
  return kernel(keyOf(shape, tiling), bindings, `${sizes(shape)}${store}${body}`);
}

/** Workgroups of a product whose C has so many rows. */
export function gemmGroups({ n }: GemmShape, { family }: Tiling, m: number): Groups {
  if (family === 'G1') return grid(Math.ceil(m / BLOCK) * Math.ceil(n / BLOCK));
  return grid(Math.ceil((Math.ceil(m / TILE_M) * Math.ceil(n / TILE_N)) / LANES));
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lines = (of: readonly string[]): string => of.join('\n    ');

/**
 * G0: each thread has a tile of 4 x 8 in registers and reads A and B as they lie; no workgroup memory and no barrier.
 * Software adapters run this ten times faster than tiles with barriers. Rows beyond the end are read as the last one
 * and not stored.
 */
function registerTile({ form }: GemmShape): string {
  const inner = { NT: dots, NN: rowsTimesVectors, TN: outerProducts }[form];
  const accumulators = range(TILE_M).flatMap((i) => [`var s${i}0 = vec4f();`, `var s${i}1 = vec4f();`]);
  const stores = range(TILE_M).flatMap((i) => [
    `if (row + ${i}u < m) {`,
    `  store((row + ${i}u) * LDC + column, column, s${i}0);`,
    `  if (column + 1u < N) { store((row + ${i}u) * LDC + column + 1u, column + 1u, s${i}1); }`,
    '}',
  ]);
  return `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${GROUP}
  let m = sizeM();
  let k = sizeK();
  let across = (N + 1u) / 2u;
  let tile = group * ${LANES}u + lane;
  let row = tile / across * ${TILE_M}u;
  let column = tile % across * 2u;
  if (row >= m) { return; }
    ${lines(accumulators)}
  ${inner()}
    ${lines(stores)}
}`;
}

/** Row `row + i` of the `TILE_M`, or the last one. */
const clamped = (i: number): string => `min(row + ${i}u, m - 1u)`;

function dots(): string {
  const starts = range(TILE_M).map((i) => `let a${i} = ${clamped(i)} * LDA;`);
  const columns = range(TILE_N).map((j) => `let b${j} = min(column * 4u + ${j}u, N * 4u - 1u) * LDB;`);
  const loads = range(TILE_M).map((i) => `let x${i} = a[a${i} + p];`);
  const products = range(TILE_N / 4).flatMap((half) => [
    ...range(4).map((j) => `let y${half}${j} = b[b${4 * half + j} + p];`),
    ...range(TILE_M).map((i) => {
      const parts = range(4).map((j) => `dot(x${i}, y${half}${j})`);
      return `s${i}${half} = s${i}${half} + vec4f(${parts.join(', ')});`;
    }),
  ]);
  return `${lines(starts)}
    ${lines(columns)}
  for (var p = 0u; p < k / 4u; p = p + 1u) {
    ${lines(loads)}
    ${lines(products)}
  }`;
}

function rowsTimesVectors(): string {
  const starts = range(TILE_M).map((i) => `let a${i} = ${clamped(i)} * LDA;`);
  const loads = range(TILE_M).map((i) => `let x${i} = a[a${i} + p];`);
  const products = range(4).flatMap((q) => [
    `let y${q}0 = b[(p * 4u + ${q}u) * LDB + column];`,
    `let y${q}1 = b[(p * 4u + ${q}u) * LDB + other];`,
    ...range(TILE_M).flatMap((i) =>
      range(2).map((half) => `s${i}${half} = fma(vec4f(x${i}.${'xyzw'[q]}), y${q}${half}, s${i}${half});`),
    ),
  ]);
  return `${lines(starts)}
  let other = min(column + 1u, N - 1u);
  for (var p = 0u; p < k / 4u; p = p + 1u) {
    ${lines(loads)}
    ${lines(products)}
  }`;
}

function outerProducts(): string {
  const products = range(TILE_M).flatMap((i) =>
    range(2).map((half) => `s${i}${half} = fma(vec4f(x.${'xyzw'[i]}), y${half}, s${i}${half});`),
  );
  return `let other = min(column + 1u, N - 1u);
  for (var p = 0u; p < k; p = p + 1u) {
    let x = a[p * LDA + row / 4u];
    let y0 = b[p * LDB + column];
    let y1 = b[p * LDB + other];
    ${lines(products)}
  }`;
}

/** G1: tiles of C this wide and high for one workgroup, `DEEP` of the sum at a time in workgroup memory. */
const BLOCK = 64;
const DEEP = 16;
/** A row of workgroup memory, longer than needed so that a column is not all in one bank. */
const PITCH = BLOCK + 4;

/**
 * G1: 256 threads, each 4 x 4 of a 64 x 64 tile; both factors pass through workgroup memory, transposed to `[k][64]`
 * where they do not lie so. What lies beyond an end is taken for zero.
 */
function workgroupTile({ form }: GemmShape): string {
  const a =
    form === 'TN'
      ? alongRows('a', 'LDA', 'firstRow', '(m + 3u) / 4u')
      : acrossRows('a', 'LDA', 'firstRow', 'm');
  const b =
    form === 'NT'
      ? acrossRows('b', 'LDB', 'firstColumn', 'N * 4u')
      : alongRows('b', 'LDB', 'firstColumn', 'N');
  const products = range(4).map((i) => `s${i} = fma(vec4f(x.${'xyzw'[i]}), y, s${i});`);
  const stores = range(4).map(
    (i) => `if (row + ${i}u < m) { store((row + ${i}u) * LDC + column, column, s${i}); }`,
  );
  return `
var<workgroup> tileA: array<f32, ${DEEP * PITCH}>;
var<workgroup> tileB: array<f32, ${DEEP * PITCH}>;
@compute @workgroup_size(256) fn main(${ENTRY}) {
  ${GROUP}
  let m = sizeM();
  let k = sizeK();
  let across = (N + ${BLOCK / 4 - 1}u) / ${BLOCK / 4}u;
  let firstRow = group / across * ${BLOCK}u;
  let firstColumn = group % across * ${BLOCK}u;
  let row = firstRow + lane / 16u * 4u;
  let column = firstColumn / 4u + lane % 16u;
  ${lines(range(4).map((i) => `var s${i} = vec4f();`))}
  for (var p = 0u; p < k; p = p + ${DEEP}u) {
    ${a}
    ${b}
    workgroupBarrier();
    for (var q = 0u; q < ${DEEP}u; q = q + 1u) {
      let x = ${four('tileA', 'lane / 16u')};
      let y = ${four('tileB', 'lane % 16u')};
      ${lines(products)}
    }
    workgroupBarrier();
  }
  if (column < N) {
    ${lines(stores)}
  }
}`;
}

/** Four of a tile's row `q` from vector `at` on. Scalars, because a store to one component may touch its neighbours. */
const four = (tile: string, at: string): string =>
  `vec4f(${range(4)
    .map((i) => `${tile}[q * ${PITCH}u + (${at}) * 4u + ${i}u]`)
    .join(', ')})`;

/** Loads a tile from rows that run along k: thread t has row t / 4 and four of k, which go to four rows of the tile. */
function acrossRows(name: string, ld: string, first: string, end: string): string {
  const tile = name === 'a' ? 'tileA' : 'tileB';
  const puts = range(4).map(
    (q) => `${tile}[(t % 4u * 4u + ${q}u) * ${PITCH}u + t / 4u] = value.${'xyzw'[q]};`,
  );
  return `{
      let t = lane;
      let line = ${first} + t / 4u;
      let at = p / 4u + t % 4u;
      let value = select(vec4f(), ${name}[min(line, ${end} - 1u) * ${ld} + min(at, k / 4u - 1u)], line < ${end} && at * 4u < k);
      ${lines(puts)}
    }`;
}

/** Loads a tile from rows that run along the tile: thread t has row t / 16 of k and one vector. */
function alongRows(name: string, ld: string, first: string, end: string): string {
  const tile = name === 'a' ? 'tileA' : 'tileB';
  const puts = range(4).map(
    (i) => `${tile}[lane / 16u * ${PITCH}u + lane % 16u * 4u + ${i}u] = value.${'xyzw'[i]};`,
  );
  return `{
      let line = p + lane / 16u;
      let at = ${first} / 4u + lane % 16u;
      let value = select(vec4f(), ${name}[min(line, k - 1u) * ${ld} + min(at, ${end} - 1u)], line < k && at < ${end});
      ${lines(puts)}
    }`;
}
