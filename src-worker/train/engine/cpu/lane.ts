import type { Kernels } from './kernels.ts';
import type { Plan, ThreadPlan } from './plan.ts';

/** One thread's place in the program that all threads run alike. */
export type Lane = {
  readonly kernels: Kernels;
  readonly plan: Plan;
  readonly thread: number;
  readonly threads: number;
  readonly scratch: ThreadPlan;
  /** Address of the weights that the command in hand works with. */
  readonly weights: number;
  /** A command begins. */
  readonly begin: () => void;
  /** Returns when every thread has called it, and has rested as it must. */
  readonly barrier: () => void;
  /** Leaves a partial sum of squares where the caller adds them up. */
  readonly writePart: (index: number, value: number) => void;
};

/** This thread's share of `total`, cut at multiples of `unit`. */
export function share(
  { thread, threads }: Lane,
  total: number,
  unit: number,
): { start: number; end: number } {
  const units = Math.ceil(total / unit);
  const cut = (index: number) => Math.min(total, Math.floor((units * index) / threads) * unit);
  return { start: cut(thread), end: cut(thread + 1) };
}

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

/** C = from + bias + A B, this thread's share of it: rows or columns of C, whichever are more. */
export function multiplyShare(lane: Lane, product: Product): void {
  const { a, b, c, from, bias, m, n } = product;
  if (n > m) {
    const { start, end } = share(lane, n, 8);
    const shift = 4 * start;
    multiply(lane, {
      ...product,
      b: { ...b, at: b.at + (b.isTransposed ? shift * b.ld : shift) },
      c: { ...c, at: c.at + shift },
      n: end - start,
      ...(from && { from: from + shift }),
      ...(bias && { bias: bias + shift }),
    });
  } else {
    const { start, end } = share(lane, m, 4);
    const shift = 4 * start;
    multiply(lane, {
      ...product,
      a: { ...a, at: a.at + (a.isTransposed ? shift : shift * a.ld) },
      c: { ...c, at: c.at + shift * c.ld },
      m: end - start,
      ...(from && { from: from + shift * c.ld }),
    });
  }
}

/** C = from + bias + A B, by this thread alone. */
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
