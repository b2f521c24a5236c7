import type { Format } from './format.ts';
import { ENTRY, GROUP } from './kernel.ts';
import { accumulators, type Factors, type Form, step, storeTile, type ThreadTile } from './products.ts';

/**
 * Tiles of C for a workgroup, `deep` of the sum at a time in workgroup memory: as float32 (G1), or as float16 (G2), where
 * the factors are. A thread has `threadRows` rows next to each other and `threadColumns` columns, whose vectors lie a
 * workgroup's width apart.
 */
export interface WorkgroupTiling {
  readonly family: 'G1' | 'G2';
  /** Of C in a workgroup. */
  readonly rows: number;
  readonly columns: number;
  readonly deep: number;
  readonly threadRows: number;
  readonly threadColumns: number;
}

/** Threads of one workgroup. */
export const threadsOf = ({ rows, columns, threadRows, threadColumns }: WorkgroupTiling): number =>
  (rows / threadRows) * (columns / threadColumns);

/** Bytes of workgroup memory, whatever the form. */
export const tileBytes = ({ family, rows, columns, deep }: WorkgroupTiling): number =>
  (family === 'G2' ? 8 : 16) * (rows + columns) * (deep / 4 + 1);

/**
 * Factors lie in workgroup memory as they do outside, so nothing is transposed and vectors are stored whole: a store to
 * one component may touch its neighbours. What lies beyond an end is taken for zero.
 */
export function workgroupTile(form: Form, factors: Format, tiling: WorkgroupTiling): string {
  const { rows, columns, deep, threadRows, threadColumns } = tiling;
  const threads = threadsOf(tiling);
  const tile: ThreadTile = { rows: threadRows, vectors: threadColumns / 4 };
  /** Threads next to each other have vectors of C next to each other. */
  const wide = columns / threadColumns;
  const isHalf = tiling.family === 'G2' && factors === 'f16';
  const [vector, load] = isHalf ? ['vec4h', ''] : ['vec4f', factors === 'f16' ? 'vec4f' : ''];
  const a = form === 'TN' ? alongTile('A', rows, deep) : acrossTile('A', rows, deep);
  const b =
    form === 'NT' ? acrossTile('B', columns, deep, { isByColumn: true }) : alongTile('B', columns, deep);
  const fill = (of: Filled) => `for (var t = lane; t < ${of.vectors}u; t = t + ${threads}u) {
      ${of.place}
      tile${of.name}[${of.to}] = select(${vector}(), ${load}(${of.name.toLowerCase()}[${of.from}]), ${of.isInside});
    }`;
  return `
var<workgroup> tileA: array<${vector}, ${a.size}>;
var<workgroup> tileB: array<${vector}, ${b.size}>;
@compute @workgroup_size(${threads}) fn main(${ENTRY}) {
  ${GROUP}
  let m = sizeM();
  let k = sizeK();
  let across = (N + ${columns / 4 - 1}u) / ${columns / 4}u;
  let firstA = group / across * ${rows}u;
  let firstB = group % across * ${columns}u;
  let endA = m;
  let endB = N * 4u;
  let down = lane / ${wide}u;
  let along = lane % ${wide}u;
  let row = firstA + down * ${threadRows}u;
  ${accumulators(tile)}
  for (var start = 0u; start < k; start = start + ${deep}u) {
    ${fill(a)}
    ${fill(b)}
    workgroupBarrier();
    for (var p = 0u; p < ${form === 'TN' ? deep : deep / 4}u; p = p + 1u) {
      ${step(form, tile, factorsIn(form, tiling, wide))}
    }
    workgroupBarrier();
  }
  ${storeTile(tile, (h) => `firstB / 4u + along + ${h * wide}u`)}
}`;
}

/** A factor's part in workgroup memory, and how it comes there. */
interface Filled {
  readonly name: 'A' | 'B';
  /** Vectors that are filled, and that there is room for. */
  readonly vectors: number;
  readonly size: number;
  /** WGSL: what the others are made of, for vector `t`. */
  readonly place: string;
  readonly from: string;
  readonly to: string;
  readonly isInside: string;
}

/** Rows that run along k. Each is a vector longer than it needs to be, so that a column is not all in one bank. */
const pitch = (deep: number): number => deep / 4 + 1;

/** @param isByColumn row `r` lies where the `r / 4`-th thread finds it beside its neighbours' */
function acrossTile(name: 'A' | 'B', lines: number, deep: number, { isByColumn = false } = {}): Filled {
  const line = isByColumn ? `(own % 4u * ${lines / 4}u + own / 4u)` : 'own';
  return {
    name,
    vectors: (lines * deep) / 4,
    size: lines * pitch(deep),
    place: `let own = t / ${deep / 4}u; let line = first${name} + own; let at = start / 4u + t % ${deep / 4}u;`,
    from: `min(line, end${name} - 1u) * LD${name} + min(at, k / 4u - 1u)`,
    to: `${line} * ${pitch(deep)}u + t % ${deep / 4}u`,
    isInside: `line < end${name} && at * 4u < k`,
  };
}

/** Rows that run along the tile. */
function alongTile(name: 'A' | 'B', lines: number, deep: number): Filled {
  return {
    name,
    vectors: (lines * deep) / 4,
    size: (lines * deep) / 4,
    place: `let line = start + t / ${lines / 4}u; let at = first${name} / 4u + t % ${lines / 4}u;`,
    from: `min(line, k - 1u) * LD${name} + min(at, (end${name} + 3u) / 4u - 1u)`,
    to: 't',
    isInside: `line < k && at * 4u < end${name}`,
  };
}

function factorsIn(form: Form, { rows, columns, deep, threadRows }: WorkgroupTiling, wide: number): Factors {
  const p = pitch(deep);
  const rowOfA = (i: number) => `vec4f(tileA[(down * ${threadRows}u + ${i}u) * ${p}u + p])`;
  return {
    NT: {
      a: rowOfA,
      b: (h: number, q: number) => `vec4f(tileB[(along + ${h * wide + (q * columns) / 4}u) * ${p}u + p])`,
    },
    NN: {
      a: rowOfA,
      b: (h: number, q: number) => `vec4f(tileB[(p * 4u + ${q}u) * ${columns / 4}u + along + ${h * wide}u])`,
    },
    TN: {
      a: (g: number) => `vec4f(tileA[p * ${rows / 4}u + down * ${threadRows / 4}u + ${g}u])`,
      b: (h: number) => `vec4f(tileB[p * ${columns / 4}u + along + ${h * wide}u])`,
    },
  }[form];
}

const tiling = (
  family: 'G1' | 'G2',
  [rows, columns, deep]: readonly [number, number, number],
  [threadRows, threadColumns]: readonly [number, number],
): WorkgroupTiling => ({ family, rows, columns, deep, threadRows, threadColumns });

/** What is worth trying. The first one is what a card gets that was not tuned. None takes more than 16 KiB. */
export const workgroupTilings = (factors: Format): readonly WorkgroupTiling[] => {
  const family = factors === 'f16' ? 'G2' : 'G1';
  return [
    tiling(family, [64, 64, 16], [4, 4]),
    tiling(family, [64, 64, 16], [8, 4]),
    tiling(family, [64, 64, 16], [8, 8]),
    tiling(family, [128, 64, 16], [8, 4]),
    tiling(family, [128, 64, 16], [8, 8]),
    tiling(family, [128, 128, 8], [8, 8]),
    tiling(family, [32, 32, 32], [4, 4]),
  ];
};
