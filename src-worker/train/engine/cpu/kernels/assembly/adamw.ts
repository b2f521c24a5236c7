// @ts-ignore: decorator
@inline
function squares(v: v128, sum: v128): v128 {
  const a = f64x2.promote_low_f32x4(v);
  return f64x2.add(sum, f64x2.mul(a, a));
}

// @ts-ignore: decorator
@inline
function upper(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 2, 3, 2, 3);
}

/** Sum of squares in float64, eight lanes, added in one order. */
export function sumOfSquares(x: usize, count: i32): f64 {
  const pairs: usize = <usize>(count & ~7) << 2;
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  for (let o: usize = 0; o < pairs; o += 32) {
    const v = v128.load(x + o);
    const w = v128.load(x + o, 16);
    s0 = squares(v, s0);
    s1 = squares(upper(v), s1);
    s2 = squares(w, s2);
    s3 = squares(upper(w), s3);
  }
  const all = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1);
  for (let o = pairs; o < <usize>count << 2; o += 4) {
    const v = <f64>load<f32>(x + o);
    sum += v * v;
  }
  return sum;
}

/**
 * One AdamW step over `count` elements: g is scaled by `gradScale` (clip), the moments move,
 * p = p * keep - rate * m / (sqrt(v) * vScale + eps), with keep = 1 - lr * decay, rate = lr / (1 - beta1^t)
 * and vScale = 1 / sqrt(1 - beta2^t). `rest*` is 1 - beta*, rounded once from float64.
 */
export function adamw(
  p: usize, g: usize, m: usize, v: usize, count: i32,
  gradScale: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, keep: f32, rate: f32, vScale: f32, eps: f32,
): void {
  const vectors: usize = <usize>(count & ~3) << 2;
  for (let o: usize = 0; o < vectors; o += 16) {
    const g4 = f32x4.mul(v128.load(g + o), f32x4.splat(gradScale));
    const m4 = f32x4.add(f32x4.mul(v128.load(m + o), f32x4.splat(beta1)), f32x4.mul(g4, f32x4.splat(rest1)));
    const v4 = f32x4.add(f32x4.mul(v128.load(v + o), f32x4.splat(beta2)), f32x4.mul(f32x4.mul(g4, g4), f32x4.splat(rest2)));
    v128.store(m + o, m4);
    v128.store(v + o, v4);
    const below = f32x4.add(f32x4.mul(f32x4.sqrt(v4), f32x4.splat(vScale)), f32x4.splat(eps));
    const step = f32x4.div(f32x4.mul(m4, f32x4.splat(rate)), below);
    v128.store(p + o, f32x4.sub(f32x4.mul(v128.load(p + o), f32x4.splat(keep)), step));
  }
  for (let o = vectors; o < <usize>count << 2; o += 4) {
    const g1 = load<f32>(g + o) * gradScale;
    const m1 = load<f32>(m + o) * beta1 + g1 * rest1;
    const v1 = load<f32>(v + o) * beta2 + g1 * g1 * rest2;
    store<f32>(m + o, m1);
    store<f32>(v + o, v1);
    store<f32>(p + o, load<f32>(p + o) * keep - (m1 * rate) / (sqrt<f32>(v1) * vScale + eps));
  }
}
