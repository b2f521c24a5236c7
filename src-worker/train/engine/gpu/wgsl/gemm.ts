import { type Format, flagOf, stored, storing, vectors } from './format.ts';
import { GELU } from './gelu.ts';
import { type Binding, type Groups, grid, type Kernel, kernel, params, read, write } from './kernel.ts';
import type { Form } from './products.ts';
import { type RegisterTiling, registerTile, registerTileGroups } from './register-tile.ts';
import { MATRIX_EXTENSIONS, type MatrixTiling, subgroupMatrixTile } from './subgroup-matrix.ts';
import { type WorkgroupTiling, workgroupTile } from './workgroup-tile.ts';

/** What happens to a result before it is stored. */
export type Epilogue =
  /** C = AB */
  | 'set'
  /** C = C + AB */
  | 'add'
  /** C = C + AB in a gradient, as the micro-batch's share of it. */
  | 'accumulate'
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
  /** Of A and B. */
  readonly factors: Format;
  /** Of C, and of what lies beside it: `bent` and `wide`. */
  readonly result: Format;
}

/** How a product is cut into threads. */
export type Tiling = RegisterTiling | WorkgroupTiling | MatrixTiling;

/** What an epilogue binds after A, B and C. */
const bound = ({ epilogue, result }: GemmShape): readonly Binding[] =>
  ({
    set: [],
    add: [],
    accumulate: [],
    bias: [read('bias', 'array<vec4f>')],
    residual: [read('bias', 'array<vec4f>'), read('residue', 'array<vec4f>')],
    gelu: [read('bias', 'array<vec4f>'), write('bent', vectors(result))],
    geluSlope: [read('wide', vectors(result))],
  })[epilogue];

/** WGSL that stores `value` at vector `at` of C, in column vector `column`. */
const stores = ({ epilogue, result }: GemmShape): string => {
  const put = (value: string) => `c[at] = ${stored(result, value)};`;
  return {
    set: put('value'),
    add: put('vec4f(c[at]) + value'),
    accumulate: put('vec4f(c[at]) + value * (params.share * params.down)'),
    bias: put('value + bias[column]'),
    residual: put('value + bias[column] + residue[at]'),
    gelu: `let sum = value + bias[column]; ${put('sum')} bent[at] = ${stored(result, 'gelu(sum)')};`,
    geluSlope: put('value * geluSlope(vec4f(wide[at]))'),
  }[epilogue];
};

const sizes = ({ m, n, k, lda, ldb, ldc }: GemmShape): string => `
const N = ${n / 4}u;
const LDA = ${lda / 4}u;
const LDB = ${ldb / 4}u;
const LDC = ${ldc / 4}u;
fn sizeM() -> u32 { return ${m === 'rows' ? 'params.rows' : `${m}u`}; }
fn sizeK() -> u32 { return ${k === 'rows' ? 'params.rows' : `${k}u`}; }`;

const keyOf = (shape: GemmShape, tiling: Tiling): string => {
  const { form, epilogue, m, n, k, lda, ldb, ldc, factors, result } = shape;
  return ['gemm', tilingName(tiling), form, epilogue, m, n, k, lda, ldb, ldc, factors, result].join(' ');
};

/** A tiling in a word, as caches and logs know it. */
export const tilingName = (tiling: Tiling): string => {
  if (tiling.family === 'G0') return 'G0';
  if (tiling.family === 'G3')
    return `G3-${tiling.rows}x${tiling.columns}x${tiling.deep}-${tiling.matrix.join('x')}-${tiling.subgroup}`;
  const { family, rows, columns, deep, threadRows, threadColumns } = tiling;
  return `${family}-${rows}x${columns}x${deep}-${threadRows}x${threadColumns}`;
};

/** The product as one shader. */
export function gemm(shape: GemmShape, tiling: Tiling): Kernel {
  const { epilogue, factors, result } = shape;
  const bindings = [
    params,
    read('a', vectors(factors)),
    read('b', vectors(factors)),
    write('c', vectors(result)),
    ...bound(shape),
    ...flagOf(result),
  ];
  const helpers = epilogue === 'gelu' || epilogue === 'geluSlope' ? GELU : '';
  const accessors = `${storing(result)}${helpers}
fn store(at: u32, column: u32, value: vec4f) { ${stores(shape)} }`;
  const needs = tiling.family === 'G3' ? MATRIX_EXTENSIONS : [];
  return kernel(keyOf(shape, tiling), bindings, `${sizes(shape)}${accessors}${bodyOf(shape, tiling)}`, needs);
}

function bodyOf({ form, factors }: GemmShape, tiling: Tiling): string {
  switch (tiling.family) {
    case 'G0':
      return registerTile(form);
    case 'G1':
    case 'G2':
      return workgroupTile(form, factors, tiling);
    case 'G3':
      return subgroupMatrixTile(form, tiling);
  }
}

/** Workgroups of a product whose C has so many rows. */
export function gemmGroups({ n }: GemmShape, tiling: Tiling, m: number): Groups {
  if (tiling.family === 'G0') return grid(registerTileGroups(m, n));
  return grid(Math.ceil(m / tiling.rows) * Math.ceil(n / tiling.columns));
}
