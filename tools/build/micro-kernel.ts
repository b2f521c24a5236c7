/** How large a part of C the innermost loop of a product holds in registers. */
export type Tile = {
  readonly rows: number;
  /** Vectors of four float32 across. */
  readonly vectors: number;
};

/**
 * The innermost loop of a product in AssemblyScript, for a tile of `rows` rows and each smaller number of them: a full
 * one and what is left over at the lower border. Written out, because a register has no index.
 */
export function microKernelSource({ rows, vectors }: Tile): string {
  const heights = Array.from({ length: rows }, (_, i) => rows - i);
  return [
    "import { madd } from './lanes';",
    `export const MR: i32 = ${rows};`,
    `export const NR: i32 = ${4 * vectors};`,
    ...heights.map((height) => microKernel(height, { rows, vectors })),
    dispatch(heights),
  ].join('\n');
}

const PARAMETERS = 'a: usize, b: usize, k: i32, c: usize, from: usize, bias: usize, ldc: i32';
const ARGUMENTS = 'a, b, k, c, from, bias, ldc';

function dispatch(heights: readonly number[]): string {
  const [full, ...others] = heights;
  return [
    '/** C = A B (+ from) (+ bias) for `rows` rows of a packed panel of A and a whole one of B. */',
    '// @ts-ignore: decorator',
    '@inline',
    `export function micro(rows: i32, ${PARAMETERS}): void {`,
    `  if (rows == ${full}) micro${full}(${ARGUMENTS});`,
    ...others.map((height) => `  else if (rows == ${height}) micro${height}(${ARGUMENTS});`),
    '}',
  ].join('\n');
}

/** Neighbouring vectors are written side by side: a compiler may make one of twice the width of two. */
function microKernel(height: number, { rows, vectors }: Tile): string {
  const rowsHere = range(height);
  const across = range(vectors);
  const acc = (r: number, v: number) => `c${r}_${v}`;
  const eachVector = (line: (v: number) => string) => across.map((v) => `    ${line(v)}`);
  return [
    `function micro${height}(${PARAMETERS}): void {`,
    ...rowsHere.flatMap((r) => across.map((v) => `  let ${acc(r, v)} = f32x4.splat(0);`)),
    '  for (let p = 0; p < k; p++) {',
    ...eachVector((v) => `const b${v} = v128.load(b, ${16 * v});`),
    ...rowsHere.flatMap((r) => [
      `    const a${r} = v128.load32_splat(a, ${4 * r});`,
      ...eachVector((v) => `${acc(r, v)} = madd(a${r}, b${v}, ${acc(r, v)});`),
    ]),
    `    a += ${4 * rows};`,
    `    b += ${16 * vectors};`,
    '  }',
    '  const stride: usize = <usize>ldc << 2;',
    '  if (from) {',
    ...rowsHere.flatMap((r) => [
      ...eachVector((v) => `${acc(r, v)} = f32x4.add(${acc(r, v)}, v128.load(from, ${16 * v}));`),
      ...(r < height - 1 ? ['    from += stride;'] : []),
    ]),
    '  }',
    '  if (bias) {',
    ...eachVector((v) => `const bias${v} = v128.load(bias, ${16 * v});`),
    ...rowsHere.flatMap((r) => eachVector((v) => `${acc(r, v)} = f32x4.add(${acc(r, v)}, bias${v});`)),
    '  }',
    ...rowsHere.flatMap((r) => [
      ...across.map((v) => `  v128.store(c, ${acc(r, v)}, ${16 * v});`),
      ...(r < height - 1 ? ['  c += stride;'] : []),
    ]),
    '}',
  ].join('\n');
}

const range = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);
