/**
 * C = A B for the three ways in which a linear layer needs it, with W stored `[outputs, inputs]`:
 * - `NT` forward, `y = x W^T`: A is `[m, k]`, B is `[n, k]`
 * - `NN` data backward, `dx = dy W`: A is `[m, k]`, B is `[k, n]`
 * - `TN` weight backward, `dW += dy^T x`: A is `[k, m]`, B is `[k, n]`
 */
export type Form = 'NT' | 'NN' | 'TN';

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lane = (i: number): string => 'xyzw'[i % 4]!;

/** The part of C that one thread has: rows, and columns in vectors of four. `s<row>_<vector>` in WGSL. */
export interface ThreadTile {
  readonly rows: number;
  readonly vectors: number;
}

/**
 * WGSL expressions, each a vec4f, for step `p` of the sum: where a thread finds its factors. A step is one of k for
 * `TN`, and four of k otherwise.
 */
export interface Factors {
  /** `NT`, `NN`: row `i` of A, four of k. `TN`: rows `4 i` to `4 i + 3` of A. */
  a(i: number): string;
  /** `NT`: column `q` of vector `h`, four of k. `NN`: vector `h` at the `q`-th of the step's four. `TN`: vector `h`; q is 0. */
  b(h: number, q: number): string;
}

export const accumulators = ({ rows, vectors }: ThreadTile): string =>
  range(rows)
    .map((i) =>
      range(vectors)
        .map((h) => `var s${i}_${h} = vec4f();`)
        .join(' '),
    )
    .join('\n  ');

/** WGSL of one step of the sum. Factors are read once and kept in registers: they are spelled out, not indexed. */
export function step(form: Form, tile: ThreadTile, factors: Factors): string {
  return { NT: dots, NN: rowsTimesVectors, TN: outerProducts }[form](tile, factors).join('\n    ');
}

function dots({ rows, vectors }: ThreadTile, { a, b }: Factors): string[] {
  return [
    ...range(rows).map((i) => `let x${i} = ${a(i)};`),
    ...range(vectors).flatMap((h) => [
      ...range(4).map((q) => `let y${h}_${q} = ${b(h, q)};`),
      ...range(rows).map((i) => {
        const parts = range(4).map((q) => `dot(x${i}, y${h}_${q})`);
        return `s${i}_${h} = s${i}_${h} + vec4f(${parts.join(', ')});`;
      }),
    ]),
  ];
}

function rowsTimesVectors({ rows, vectors }: ThreadTile, { a, b }: Factors): string[] {
  return [
    ...range(rows).map((i) => `let x${i} = ${a(i)};`),
    ...range(4).flatMap((q) => [
      ...range(vectors).map((h) => `let y${h}_${q} = ${b(h, q)};`),
      ...range(rows).flatMap((i) =>
        range(vectors).map((h) => `s${i}_${h} = fma(vec4f(x${i}.${lane(q)}), y${h}_${q}, s${i}_${h});`),
      ),
    ]),
  ];
}

function outerProducts({ rows, vectors }: ThreadTile, { a, b }: Factors): string[] {
  return [
    ...range(rows / 4).map((g) => `let x${g} = ${a(g)};`),
    ...range(vectors).map((h) => `let y${h} = ${b(h, 0)};`),
    ...range(rows).flatMap((i) =>
      range(vectors).map(
        (h) => `s${i}_${h} = fma(vec4f(x${Math.floor(i / 4)}.${lane(i)}), y${h}, s${i}_${h});`,
      ),
    ),
  ];
}

/** WGSL that stores a tile; `column(h)` is the column vector of its `h`-th one. Nothing beyond `m` rows or `N` vectors. */
export function storeTile({ rows, vectors }: ThreadTile, column: (h: number) => string): string {
  return range(vectors)
    .map((h) => {
      const puts = range(rows).map(
        (i) => `if (row + ${i}u < m) { store((row + ${i}u) * LDC + column${h}, column${h}, s${i}_${h}); }`,
      );
      return `let column${h} = ${column(h)};\n  if (column${h} < N) {\n    ${puts.join('\n    ')}\n  }`;
    })
    .join('\n  ');
}
