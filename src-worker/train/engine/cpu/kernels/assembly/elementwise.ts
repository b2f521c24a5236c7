import { exp4 } from './lanes';

// GELU with tanh equals x * sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3): one exp and no cancellation.
const TWICE_ROOT: f32 = 1.5957691216057308;
const CUBIC: f32 = 0.044715;

// @ts-ignore: decorator
@inline
function gate(x: v128): v128 {
  const square = f32x4.mul(x, x);
  const inner = f32x4.add(f32x4.splat(1), f32x4.mul(square, f32x4.splat(CUBIC)));
  const u2 = f32x4.mul(f32x4.mul(x, inner), f32x4.splat(TWICE_ROOT));
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(u2))));
}

/** y = gelu(x); `count` is a multiple of 4. */
export function gelu(x: usize, y: usize, count: i32): void {
  const end = x + (<usize>count << 2);
  for (; x < end; x += 16, y += 16) {
    const v = v128.load(x);
    v128.store(y, f32x4.mul(v, gate(v)));
  }
}

/** d = d * gelu'(x) in place; `count` is a multiple of 4. */
export function geluBackward(x: usize, d: usize, count: i32): void {
  const end = x + (<usize>count << 2);
  for (; x < end; x += 16, d += 16) {
    const v = v128.load(x);
    const s = gate(v);
    const slope = f32x4.mul(
      f32x4.splat(TWICE_ROOT),
      f32x4.add(f32x4.splat(1), f32x4.mul(f32x4.mul(v, v), f32x4.splat(3 * CUBIC))),
    );
    const rest = f32x4.mul(f32x4.mul(v, f32x4.mul(s, f32x4.sub(f32x4.splat(1), s))), slope);
    v128.store(d, f32x4.mul(v128.load(d), f32x4.add(s, rest)));
  }
}

/** x = 0. */
export function clear(x: usize, count: i32): void {
  memory.fill(x, 0, <usize>count << 2);
}

/** out[j] += sum over rows of x[row, j] for columns [start, end): rows in order. */
export function columnSums(x: usize, ld: i32, out: usize, rows: i32, start: i32, end: i32): void {
  const first: usize = <usize>start << 2;
  const last: usize = <usize>end << 2;
  const vectors: usize = first + ((<usize>(end - start) & ~3) << 2);
  for (let row = 0; row < rows; row++) {
    for (let o = first; o < vectors; o += 16) v128.store(out + o, f32x4.add(v128.load(out + o), v128.load(x + o)));
    for (let o = vectors; o < last; o += 4) store<f32>(out + o, load<f32>(out + o) + load<f32>(x + o));
    x += <usize>ld << 2;
  }
}

/** out[row] = sum over `width` columns of a[row, j] * b[row, j]. */
export function rowDots(a: usize, lda: i32, b: usize, ldb: i32, out: usize, rows: i32, width: i32): void {
  const bytes: usize = <usize>width << 2;
  const vectors: usize = <usize>(width & ~3) << 2;
  for (let row = 0; row < rows; row++) {
    let sum4 = f32x4.splat(0);
    for (let o: usize = 0; o < vectors; o += 16) sum4 = f32x4.add(sum4, f32x4.mul(v128.load(a + o), v128.load(b + o)));
    let sum =
      f32x4.extract_lane(sum4, 0) + f32x4.extract_lane(sum4, 1) +
      (f32x4.extract_lane(sum4, 2) + f32x4.extract_lane(sum4, 3));
    for (let o = vectors; o < bytes; o += 4) sum += load<f32>(a + o) * load<f32>(b + o);
    store<f32>(out, sum);
    out += 4;
    a += <usize>lda << 2;
    b += <usize>ldb << 2;
  }
}

/** out[row] = wte[ids[row]] + wpe[row mod context] for rows [start, end). */
export function addEmbeddings(
  ids: usize, wte: usize, wpe: usize, out: usize, start: i32, end: i32, context: i32, width: i32,
): void {
  for (let row = start; row < end; row++) {
    const token = wte + (<usize>load<u16>(ids + (<usize>row << 1)) * <usize>width << 2);
    const place = wpe + (<usize>(row % context) * <usize>width << 2);
    const target = out + (<usize>row * <usize>width << 2);
    for (let o: usize = 0; o < <usize>width << 2; o += 4) {
      store<f32>(target + o, load<f32>(token + o) + load<f32>(place + o));
    }
  }
}

/** Way back of `addEmbeddings` for columns [start, end): all rows in order, so threads never meet. */
export function scatterRows(
  ids: usize, d: usize, dWte: usize, dWpe: usize, rows: i32, context: i32, width: i32, start: i32, end: i32,
): void {
  for (let row = 0; row < rows; row++) {
    const token = dWte + (<usize>load<u16>(ids + (<usize>row << 1)) * <usize>width << 2);
    const place = dWpe + (<usize>(row % context) * <usize>width << 2);
    const source = d + (<usize>row * <usize>width << 2);
    for (let o: usize = <usize>start << 2; o < <usize>end << 2; o += 4) {
      const value = load<f32>(source + o);
      store<f32>(token + o, load<f32>(token + o) + value);
      store<f32>(place + o, load<f32>(place + o) + value);
    }
  }
}
