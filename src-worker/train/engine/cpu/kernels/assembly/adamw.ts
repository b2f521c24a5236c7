/** Sum of squares in float64, four lanes, added in one order. */
export function sumOfSquares(x: usize, count: i32): f64 {
  const vectors: usize = <usize>(count & ~3) << 2;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let o: usize = 0; o < vectors; o += 16) {
    const v = v128.load(x + o);
    const a = f64x2.promote_low_f32x4(v);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (let o = vectors; o < <usize>count << 2; o += 4) {
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
