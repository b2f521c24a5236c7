/** Elements whose float32 sums are carried over into float64 at once: 256 additions a lane. */
const BLOCK = 1024;
const HALF = 8;
const SIGN = 0x80000000;

/** The finaliser of MurmurHash3 on four words. */
// @ts-ignore: decorator
@inline
function mix4(x: v128): v128 {
  let h = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** `value` with its sign turned where bit `bit` of a lane's word is set. */
// @ts-ignore: decorator
@inline
function turned(value: v128, words: v128, bit: i32): v128 {
  return v128.xor(value, v128.and(i32x4.shl(words, 31 - bit), i32x4.splat(SIGN)));
}

/** Adds a vector's lanes to the float64 at `out`. */
// @ts-ignore: decorator
@inline
function carry(out: usize, sums: v128): void {
  const pairs = f64x2.add(
    f64x2.promote_low_f32x4(sums),
    f64x2.promote_low_f32x4(v128.shuffle<f32>(sums, sums, 2, 3, 2, 3)),
  );
  store<f64>(out, load<f64>(out) + f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1));
}

/** Projections [first, first + 8) of one block; `count` is a multiple of four. */
function half(x: usize, count: i32, index: i32, keyA: i32, keyB: i32, first: i32, out: usize): void {
  let p0 = f32x4.splat(0), p1 = f32x4.splat(0), p2 = f32x4.splat(0), p3 = f32x4.splat(0);
  let p4 = f32x4.splat(0), p5 = f32x4.splat(0), p6 = f32x4.splat(0), p7 = f32x4.splat(0);
  let places = i32x4.add(i32x4.splat(index), i32x4(0, 1, 2, 3));
  const a = i32x4.splat(keyA);
  const b = i32x4.splat(keyB);
  const end = x + (<usize>count << 2);
  for (let at = x; at < end; at += 16) {
    const value = v128.load(at);
    // The half's first bit comes to lie at bit 0.
    const words = i32x4.shr_u(mix4(i32x4.add(mix4(v128.xor(places, a)), b)), first);
    p0 = f32x4.add(p0, turned(value, words, 0));
    p1 = f32x4.add(p1, turned(value, words, 1));
    p2 = f32x4.add(p2, turned(value, words, 2));
    p3 = f32x4.add(p3, turned(value, words, 3));
    p4 = f32x4.add(p4, turned(value, words, 4));
    p5 = f32x4.add(p5, turned(value, words, 5));
    p6 = f32x4.add(p6, turned(value, words, 6));
    p7 = f32x4.add(p7, turned(value, words, 7));
    places = i32x4.add(places, i32x4.splat(4));
  }
  out += <usize>first << 3;
  carry(out, p0);
  carry(out + 8, p1);
  carry(out + 16, p2);
  carry(out + 24, p3);
  carry(out + 32, p4);
  carry(out + 40, p5);
  carry(out + 48, p6);
  carry(out + 56, p7);
}

function absolutes(x: usize, count: i32, out: usize): void {
  let sum = f32x4.splat(0);
  const end = x + (<usize>count << 2);
  for (let at = x; at < end; at += 16) sum = f32x4.add(sum, f32x4.abs(v128.load(at)));
  carry(out, sum);
}

/** Elements after the last whole vector, one at a time. */
function rest(x: usize, count: i32, index: i32, keyA: i32, keyB: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    const value = load<f32>(x + (<usize>i << 2));
    const words = i32x4.extract_lane(
      mix4(i32x4.add(mix4(i32x4.splat((index + i) ^ keyA)), i32x4.splat(keyB))),
      0,
    );
    store<f64>(out, load<f64>(out) + <f64>abs<f32>(value));
    for (let k = 0; k < 2 * HALF; k++) {
      const at = out + (<usize>(k + 1) << 3);
      store<f64>(at, load<f64>(at) + <f64>((words >>> k) & 1 ? -value : value));
    }
  }
}

/**
 * What a part of the gradient leaves for the sketch: 17 float64 at `out`, the sum of absolute values and sixteen sums
 * with random signs. `index` is the first element's place in the whole gradient.
 */
export function sketchSums(x: usize, count: i32, index: i32, keyA: i32, keyB: i32, out: usize): void {
  for (let k = 0; k < 1 + 2 * HALF; k++) store<f64>(out + (<usize>k << 3), 0);
  const whole = count & ~3;
  for (let from = 0; from < whole; from += BLOCK) {
    const here = x + (<usize>from << 2);
    const size = min(BLOCK, whole - from);
    absolutes(here, size, out);
    half(here, size, index + from, keyA, keyB, 0, out + 8);
    half(here, size, index + from, keyA, keyB, HALF, out + 8);
  }
  rest(x + (<usize>whole << 2), count - whole, index + whole, keyA, keyB, out);
}
