// a * b + c. With relaxed SIMD this is one rounding on machines that fuse, two elsewhere: good enough for
// training, which peers compare with a tolerance, and never used for what they compare bit for bit.
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

// Constants lie in memory: a literal would be put together anew from two words in every turn of a loop, which took as
// long as all the arithmetic. They are written when a thread instantiates the module, the same bytes every time; the
// memory plan leaves room for them.
const TABLE: usize = memory.data<f32>(
  [
    -87, 88,
    // 1 / ln 2, and 1.5 * 2^23: what is added to that is rounded to a whole number, which then stands in the low bits.
    1.4426950408889634, 12582912,
    // -ln 2 in two parts.
    -0.693359375, 2.12194440e-4,
    // 1/6!, 1/5!, 1/4!, 1/3!, 1/2!, 1
    0.001388888888888889, 0.008333333333333333, 0.041666666666666664, 0.16666666666666666, 0.5, 1,
    // For GELU: -2 sqrt(2/pi), its opposite, 0.044715 and three times that.
    -1.5957691216057308, 1.5957691216057308, 0.044715, 0.134145,
  ],
  16,
);
export const ONE = TABLE + 4 * 11;
export const MINUS_TWICE_ROOT = TABLE + 4 * 12;
export const TWICE_ROOT = TABLE + 4 * 13;
export const CUBIC = TABLE + 4 * 14;
export const CUBIC_SLOPE = TABLE + 4 * 15;

// @ts-ignore: decorator
@inline
export function constant(at: usize): v128 {
  return v128.load32_splat(at);
}

// e^x: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial of degree 6 in r, n added to the exponent.
// Relative error below 2.5e-7 on [-87, 88]; the argument is held inside, so there is neither infinity nor
// a denormal, and what is not a number stays so. The coefficients are the Taylor series (its remainder r^7/7! is
// 1.2e-7 at the border). Only instructions that exist for vectors of twice the width as well.
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const held = f32x4.pmin(f32x4.pmax(x, constant(TABLE)), constant(TABLE + 4));
  const rounder = constant(TABLE + 12);
  const shifted = madd(held, constant(TABLE + 8), rounder);
  const n = f32x4.sub(shifted, rounder);
  const r = madd(n, constant(TABLE + 20), madd(n, constant(TABLE + 16), held));
  let p = madd(constant(TABLE + 24), r, constant(TABLE + 28));
  p = madd(p, r, constant(TABLE + 32));
  p = madd(p, r, constant(TABLE + 36));
  p = madd(p, r, constant(TABLE + 40));
  const one = constant(ONE);
  p = madd(p, r, one);
  p = madd(p, r, one);
  // The bits of 1 are the exponent 0.
  return f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), one));
}

// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}
