import { ENTRY, GROUP } from './kernel.ts';
import { accumulators, type Factors, type Form, step, storeTile, type ThreadTile } from './products.ts';

/**
 * G0: each thread has a tile of 4 x 8 in registers and reads A and B as they lie; no workgroup memory and no barrier.
 * Software adapters run this ten times faster than tiles with barriers.
 */
export interface RegisterTiling {
  readonly family: 'G0';
}

const LANES = 64;
const TILE: ThreadTile = { rows: 4, vectors: 2 };

export const registerTileGroups = (m: number, n: number): number =>
  Math.ceil((Math.ceil(m / TILE.rows) * Math.ceil(n / (4 * TILE.vectors))) / LANES);

/** Rows and columns beyond the end are read as the last ones and not stored. */
export function registerTile(form: Form): string {
  return `
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${GROUP}
  let m = sizeM();
  let k = sizeK();
  let across = (N + ${TILE.vectors - 1}u) / ${TILE.vectors}u;
  let tile = group * ${LANES}u + lane;
  let row = tile / across * ${TILE.rows}u;
  let first = tile % across * ${TILE.vectors}u;
  if (row >= m) { return; }
  ${accumulators(TILE)}
  for (var p = 0u; p < ${form === 'TN' ? 'k' : 'k / 4u'}; p = p + 1u) {
    ${step(form, TILE, FACTORS[form])}
  }
  ${storeTile(TILE, (h) => `first + ${h}u`)}
}`;
}

const rowOfA = (i: number): string => `vec4f(a[min(row + ${i}u, m - 1u) * LDA + p])`;
const vector = (h: number): string => (h === 0 ? 'first' : `min(first + ${h}u, N - 1u)`);

const FACTORS: Readonly<Record<Form, Factors>> = {
  NT: { a: rowOfA, b: (h, q) => `vec4f(b[min(first * 4u + ${4 * h + q}u, N * 4u - 1u) * LDB + p])` },
  NN: { a: rowOfA, b: (h, q) => `vec4f(b[(p * 4u + ${q}u) * LDB + ${vector(h)}])` },
  TN: { a: () => 'vec4f(a[p * LDA + row / 4u])', b: (h) => `vec4f(b[p * LDB + ${vector(h)}])` },
};
