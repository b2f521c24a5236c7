import { CUBIC, CUBIC_SLOPE, constant, exp4, MINUS_TWICE_ROOT, madd, ONE, TWICE_ROOT } from './lanes';

// GELU with tanh equals x * sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3): one exp and no cancellation.
// @ts-ignore: decorator
@inline
function gate(x: v128): v128 {
  const one = constant(ONE);
  const inner = madd(f32x4.mul(x, x), constant(CUBIC), one);
  const minus2u = f32x4.mul(f32x4.mul(x, inner), constant(MINUS_TWICE_ROOT));
  return f32x4.div(one, f32x4.add(one, exp4(minus2u)));
}

// @ts-ignore: decorator
@inline
function gelu4(x: v128): v128 {
  return f32x4.mul(x, gate(x));
}

// @ts-ignore: decorator
@inline
function slope4(x: v128): v128 {
  const s = gate(x);
  const one = constant(ONE);
  const inner = madd(f32x4.mul(x, x), constant(CUBIC_SLOPE), one);
  const rest = f32x4.mul(f32x4.mul(x, constant(TWICE_ROOT)), f32x4.mul(s, f32x4.sub(one, s)));
  return madd(rest, inner, s);
}

/** y = gelu(x); `count` is a multiple of 4. */
export function gelu(x: usize, y: usize, count: i32): void {
  const end = x + (<usize>count << 2);
  for (; x + 32 <= end; x += 32, y += 32) {
    const y0 = gelu4(v128.load(x));
    const y1 = gelu4(v128.load(x, 16));
    v128.store(y, y0);
    v128.store(y, y1, 16);
  }
  if (x < end) v128.store(y, gelu4(v128.load(x)));
}

/** d = d * gelu'(x) in place; `count` is a multiple of 4. */
export function geluBackward(x: usize, d: usize, count: i32): void {
  const end = x + (<usize>count << 2);
  for (; x + 32 <= end; x += 32, d += 32) {
    const d0 = f32x4.mul(v128.load(d), slope4(v128.load(x)));
    const d1 = f32x4.mul(v128.load(d, 16), slope4(v128.load(x, 16)));
    v128.store(d, d0);
    v128.store(d, d1, 16);
  }
  if (x < end) v128.store(d, f32x4.mul(v128.load(d), slope4(v128.load(x))));
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
