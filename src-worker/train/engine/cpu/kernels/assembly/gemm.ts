import { MR, NR, micro } from './tile';

// A panel of A is at most 6 KiB, one of B 16 KiB: both stay in the first cache. A block of A is 192 KiB and stays in
// the second; a block of B is up to 1 MiB, of which one panel after another is used by the whole block of A.
const KC: i32 = 256;
const MC: i32 = 192;
const NC: i32 = 1024;
const PACKED_A_BYTES: usize = 4 * MC * KC;
const PACKED_B_BYTES: usize = 4 * KC * NC;

/**
 * C[m, n] = (from ? F[m, n] : 0) + (bias ? bias[n] : 0) + op(A)[m, k] op(B)[k, n], rows `ld*` elements apart.
 * `transA`: A is stored [k, m]. `transB`: B is stored [n, k]. F has the rows of C and may be C itself.
 * Each element sums over k in one order whatever part of C is asked for, so threads may share C out freely.
 * `scratch`: 1,216 KiB + 512 bytes of this thread.
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
  const depth = evenly(k, KC, 4);
  const height = evenly(m, MC, MR);
  for (let j = 0; j < n; j += NC) {
    const nc = min(NC, n - j);
    for (let p = 0; p < k; p += depth) {
      const kc = min(depth, k - p);
      const isFirst = p == 0;
      if (transB) packAlong(packedB, at(b, j * ldb + p), ldb, nc, kc, NR);
      else packAcross(packedB, at(b, p * ldb + j), ldb, nc, kc, NR);
      for (let i = 0; i < m; i += height) {
        const mc = min(height, m - i);
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

/** The size of the parts when `total` is cut into as few as `limit` allows, all much alike: a multiple of `unit`. */
// @ts-ignore: decorator
@inline
function evenly(total: i32, limit: i32, unit: i32): i32 {
  const parts = (total + limit - 1) / limit;
  const size = (total + parts - 1) / parts;
  return min(limit, ((size + unit - 1) / unit) * unit);
}

// @ts-ignore: decorator
@inline
function at(base: usize, element: i32): usize {
  return base + (<usize>element << 2);
}

/** Packs `lines` lines that are contiguous along k into panels of `width`, zeros beyond the last. */
// @ts-ignore: decorator
@inline
function packAlong(target: usize, source: usize, ld: i32, lines: i32, k: i32, width: i32): void {
  for (let line = 0; line < lines; line += width) {
    for (let group = 0; group < width; group += 4) {
      const from = at(source, (line + group) * ld);
      const left = lines - line - group;
      if (group + 4 > width) packLines(at(target, group), from, ld, min(width - group, left), k, width, width - group);
      else if (left >= 4) packFourLines(at(target, group), from, ld, k, width);
      else packLines(at(target, group), from, ld, left, k, width, 4);
    }
    target = at(target, width * k);
  }
}

/** target[p * width + i] = source[i * ld + p] for four lines. */
function packFourLines(target: usize, source: usize, ld: i32, k: i32, width: i32): void {
  const step: usize = <usize>width << 2;
  let s0 = source;
  let s1 = at(source, ld);
  let s2 = at(source, 2 * ld);
  let s3 = at(source, 3 * ld);
  let p = 0;
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
  packLines(target, s0, ld, 4, k - p, width, 4);
}

/** target[p * width + i] = source[i * ld + p] for `lines` lines, and 0 from there to `places`. */
function packLines(target: usize, source: usize, ld: i32, lines: i32, k: i32, width: i32, places: i32): void {
  if (lines == 2 && places == 2) {
    const other = at(source, ld);
    for (let p = 0; p < k; p++) {
      store<f32>(target, load<f32>(at(source, p)));
      store<f32>(target, load<f32>(at(other, p)), 4);
      target = at(target, width);
    }
    return;
  }
  for (let p = 0; p < k; p++) {
    for (let i = 0; i < places; i++) store<f32>(at(target, i), i < lines ? load<f32>(at(source, i * ld + p)) : 0);
    target = at(target, width);
  }
}

/** Packs `lines` lines that are contiguous across k into panels of `width`, zeros beyond the last. */
// @ts-ignore: decorator
@inline
function packAcross(target: usize, source: usize, ld: i32, lines: i32, k: i32, width: i32): void {
  const whole = lines - (lines % width);
  const panel: usize = <usize>(width * k) << 2;
  for (let p = 0; p < k; p++) {
    let t = target;
    let s = source;
    const end = at(source, whole);
    while (s < end) {
      copyAcross(t, s, width);
      t += panel;
      s = at(s, width);
    }
    if (whole < lines) {
      for (let i = 0; i < width; i++) store<f32>(at(t, i), whole + i < lines ? load<f32>(at(s, i)) : 0);
    }
    target = at(target, width);
    source = at(source, ld);
  }
}

// @ts-ignore: decorator
@inline
function copyAcross(t: usize, s: usize, width: i32): void {
  v128.store(t, v128.load(s));
  if (width == 6) store<u64>(t, load<u64>(s, 16), 16);
  if (width >= 8) v128.store(t, v128.load(s, 16), 16);
  if (width >= 12) v128.store(t, v128.load(s, 32), 32);
  if (width >= 16) v128.store(t, v128.load(s, 48), 48);
}

// @ts-ignore: decorator
@inline
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
      if (columns == NR) micro(rows, panelA, panelB, kc, out, source, biasHere, ldc);
      else edge(panelA, panelB, kc, out, source, biasHere, ldc, rows, columns, tile);
    }
  }
}

/** A tile that sticks out to the right: the same kernel on a full tile in scratch. */
function edge(
  a: usize, b: usize, k: i32, c: usize, from: usize, bias: usize, ldc: i32, rows: i32, columns: i32, tile: usize,
): void {
  micro(rows, a, b, k, tile, 0, 0, NR);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = load<f32>(at(tile, i * NR + j));
      if (from) sum += load<f32>(at(from, i * ldc + j));
      if (bias) sum += load<f32>(at(bias, j));
      store<f32>(at(c, i * ldc + j), sum);
    }
  }
}
