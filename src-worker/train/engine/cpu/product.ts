import type { Lane } from './lane.ts';
import type { Work } from './stage.ts';

export type Matrix = { readonly at: number; readonly ld: number; readonly isTransposed?: boolean };

export type Product = {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  /** Where sums start: another matrix with C's row length, or C itself; absent: zero. */
  readonly from?: number;
  readonly bias?: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
};

/** Every part packs the operand that is not cut anew: below this many rows or columns that would show. */
const ENOUGH = 256;

/** C = from + bias + A B, cut by rows or by columns of C, whichever are more. */
export function product(whole: Product): Work {
  const isWide = whole.n > whole.m;
  const piece = isWide ? columnsOf : rowsOf;
  return {
    total: isWide ? whole.n : whole.m,
    unit: isWide ? 16 : 4,
    enough: ENOUGH,
    run: (lane, start, end) => multiply(lane, piece(whole, start, end)),
  };
}

function columnsOf(whole: Product, start: number, end: number): Product {
  const { b, c, from, bias } = whole;
  const shift = 4 * start;
  return {
    ...whole,
    b: { ...b, at: b.at + (b.isTransposed ? shift * b.ld : shift) },
    c: { ...c, at: c.at + shift },
    n: end - start,
    ...(from && { from: from + shift }),
    ...(bias && { bias: bias + shift }),
  };
}

function rowsOf(whole: Product, start: number, end: number): Product {
  const { a, c, from } = whole;
  const shift = 4 * start;
  return {
    ...whole,
    a: { ...a, at: a.at + (a.isTransposed ? shift : shift * a.ld) },
    c: { ...c, at: c.at + shift * c.ld },
    m: end - start,
    ...(from && { from: from + shift * c.ld }),
  };
}

/** C = from + bias + A B, whole and by this thread. */
export function multiply({ kernels, scratch }: Lane, { a, b, c, from, bias, m, n, k }: Product): void {
  if (m === 0 || n === 0) return;
  kernels.gemm(
    a.at,
    a.ld,
    a.isTransposed ? 1 : 0,
    b.at,
    b.ld,
    b.isTransposed ? 1 : 0,
    c.at,
    c.ld,
    from ?? 0,
    bias ?? 0,
    m,
    n,
    k,
    scratch.gemm,
  );
}
