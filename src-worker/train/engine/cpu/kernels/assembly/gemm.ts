import { madd } from './lanes';

// Register tile of 4 x 8: eight accumulators, two vectors of B and one of A leave room in the 15 vector
// registers that the compilers hand out; 3 x 16 and 6 x 8 spill and were slower by a fifth to a third.
const MR: i32 = 4;
const NR: i32 = 8;
// 256 deep, a panel of A is 4 KiB and one of B 8 KiB: both stay in the first cache. A block of A is 128 KiB
// and one of B 512 KiB: the second cache.
const KC: i32 = 256;
const MC: i32 = 128;
const NC: i32 = 512;
const PACKED_A_BYTES: usize = 4 * MC * KC;
const PACKED_B_BYTES: usize = 4 * KC * NC;

/**
 * C[m, n] = (from ? F[m, n] : 0) + (bias ? bias[n] : 0) + op(A)[m, k] op(B)[k, n], rows `ld*` elements apart.
 * `transA`: A is stored [k, m]. `transB`: B is stored [n, k]. F has the rows of C and may be C itself.
 * Each element sums over k in one order whatever part of C is asked for, so threads may share C out freely.
 * `scratch`: 640 KiB + 128 bytes of this thread.
 */
export function gemm(
  a: usize, lda: i32, transA: i32,
  b: usize, ldb: i32, transB: i32,
  c: usize, ldc: i32, from: usize, bias: usize,
  m: i32, n: i32, k: i32, scratch: usize,
): void {
  const packedA = scratch;
  const packedB = packedA + PACKED_A_BYTES;
  const tile = packedB + PACKED_B_BYTES;
  for (let j = 0; j < n; j += NC) {
    const nc = min(NC, n - j);
    for (let p = 0; p < k; p += KC) {
      const kc = min(KC, k - p);
      const isFirst = p == 0;
      if (transB) packAlong(packedB, at(b, j * ldb + p), ldb, nc, kc, NR);
      else packAcross(packedB, at(b, p * ldb + j), ldb, nc, kc, NR);
      for (let i = 0; i < m; i += MC) {
        const mc = min(MC, m - i);
        if (transA) packAcross(packedA, at(a, p * lda + i), lda, mc, kc, MR);
        else packAlong(packedA, at(a, i * lda + p), lda, mc, kc, MR);
        const source = isFirst ? from : c;
        block(
          packedA, packedB, mc, nc, kc, tile,
          at(c, i * ldc + j),
          source ? at(source, i * ldc + j) : 0,
          isFirst && bias ? at(bias, j) : 0,
          ldc,
        );
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function at(base: usize, element: i32): usize {
  return base + (<usize>element << 2);
}

/** Packs `lines` lines that are contiguous along k into panels of `width`, zeros beyond the last. */
function packAlong(target: usize, source: usize, ld: i32, lines: i32, k: i32, width: i32): void {
  for (let line = 0; line < lines; line += width) {
    for (let group = 0; group < width; group += 4) {
      packFourLines(at(target, group), at(source, (line + group) * ld), ld, min(4, lines - line - group), k, width);
    }
    target = at(target, width * k);
  }
}

/** Interleaves up to four lines: target[p * width + i] = source[i * ld + p]. */
function packFourLines(target: usize, source: usize, ld: i32, lines: i32, k: i32, width: i32): void {
  const step: usize = <usize>width << 2;
  let p = 0;
  if (lines == 4) {
    let s0 = source;
    let s1 = at(source, ld);
    let s2 = at(source, 2 * ld);
    let s3 = at(source, 3 * ld);
    for (; p + 4 <= k; p += 4) {
      const r0 = v128.load(s0);
      const r1 = v128.load(s1);
      const r2 = v128.load(s2);
      const r3 = v128.load(s3);
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
      v128.store(target + step, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
      v128.store(target + 2 * step, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
      v128.store(target + 3 * step, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
      target += 4 * step;
      s0 += 16;
      s1 += 16;
      s2 += 16;
      s3 += 16;
    }
  }
  for (; p < k; p++) {
    for (let i = 0; i < 4; i++) {
      store<f32>(at(target, i), i < lines ? load<f32>(at(source, i * ld + p)) : 0);
    }
    target += step;
  }
}

/** Packs `lines` lines that are contiguous across k into panels of `width`, zeros beyond the last. */
function packAcross(target: usize, source: usize, ld: i32, lines: i32, k: i32, width: i32): void {
  for (let line = 0; line < lines; line += width) {
    let s = at(source, line);
    const count = min(width, lines - line);
    for (let p = 0; p < k; p++) {
      if (count == width) {
        v128.store(target, v128.load(s));
        if (width == 8) v128.store(target, v128.load(s, 16), 16);
      } else {
        for (let i = 0; i < width; i++) store<f32>(at(target, i), i < count ? load<f32>(at(s, i)) : 0);
      }
      target = at(target, width);
      s = at(s, ld);
    }
  }
}

function block(
  packedA: usize, packedB: usize, mc: i32, nc: i32, kc: i32, tile: usize,
  c: usize, from: usize, bias: usize, ldc: i32,
): void {
  for (let j = 0; j < nc; j += NR) {
    const panelB = at(packedB, j * kc);
    const biasHere = bias ? at(bias, j) : 0;
    const columns = min(NR, nc - j);
    for (let i = 0; i < mc; i += MR) {
      const rows = min(MR, mc - i);
      const panelA = at(packedA, i * kc);
      const out = at(c, i * ldc + j);
      const source = from ? at(from, i * ldc + j) : 0;
      if (rows == MR && columns == NR) micro(panelA, panelB, kc, out, source, biasHere, ldc);
      else edge(panelA, panelB, kc, out, source, biasHere, ldc, rows, columns, tile);
    }
  }
}

/** A tile that sticks out over the matrix: the same kernel on a full tile in scratch. */
function edge(
  a: usize, b: usize, k: i32, c: usize, from: usize, bias: usize, ldc: i32, rows: i32, columns: i32, tile: usize,
): void {
  for (let i = 0; i < MR; i++) {
    for (let j = 0; j < NR; j++) {
      const isInside = i < rows && j < columns;
      let start: f32 = isInside && from ? load<f32>(at(from, i * ldc + j)) : 0;
      if (isInside && bias) start += load<f32>(at(bias, j));
      store<f32>(at(tile, i * NR + j), start);
    }
  }
  micro(a, b, k, tile, tile, 0, NR);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) store<f32>(at(c, i * ldc + j), load<f32>(at(tile, i * NR + j)));
  }
}

function micro(a: usize, b: usize, k: i32, c: usize, from: usize, bias: usize, ldc: i32): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  const stride: usize = <usize>ldc << 2;
  if (from) {
    let f = from;
    c00 = v128.load(f);
    c01 = v128.load(f, 16);
    f += stride;
    c10 = v128.load(f);
    c11 = v128.load(f, 16);
    f += stride;
    c20 = v128.load(f);
    c21 = v128.load(f, 16);
    f += stride;
    c30 = v128.load(f);
    c31 = v128.load(f, 16);
  }
  if (bias) {
    const bias0 = v128.load(bias);
    const bias1 = v128.load(bias, 16);
    c00 = f32x4.add(c00, bias0);
    c01 = f32x4.add(c01, bias1);
    c10 = f32x4.add(c10, bias0);
    c11 = f32x4.add(c11, bias1);
    c20 = f32x4.add(c20, bias0);
    c21 = f32x4.add(c21, bias1);
    c30 = f32x4.add(c30, bias0);
    c31 = f32x4.add(c31, bias1);
  }
  for (let p = 0; p < k; p++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a, 0);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    const a1 = v128.load32_splat(a, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    const a2 = v128.load32_splat(a, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    const a3 = v128.load32_splat(a, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    a += 16;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += stride;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += stride;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += stride;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}
