import { exp1, exp4, sumLanes } from './lanes';

const LOWEST: f32 = -3.4e38;

// Loops take two vectors at once, side by side: see `micro` in tools/build/micro-kernel.ts.

// What is not a number is passed over here and met again by the exponentials.
// @ts-ignore: decorator
@inline
function rowMax(x: usize, width: i32): f32 {
  const bytes: usize = <usize>width << 2;
  const pairs: usize = <usize>(width & ~7) << 2;
  let max0 = f32x4.splat(LOWEST);
  let max1 = f32x4.splat(LOWEST);
  for (let o: usize = 0; o < pairs; o += 32) {
    max0 = f32x4.pmax(max0, v128.load(x + o));
    max1 = f32x4.pmax(max1, v128.load(x + o, 16));
  }
  const max4 = f32x4.pmax(max0, max1);
  let top = max<f32>(
    max<f32>(f32x4.extract_lane(max4, 0), f32x4.extract_lane(max4, 1)),
    max<f32>(f32x4.extract_lane(max4, 2), f32x4.extract_lane(max4, 3)),
  );
  for (let o = pairs; o < bytes; o += 4) top = max<f32>(top, load<f32>(x + o));
  return top;
}

/** x = e^(x * scale - shift) in place; the sum. */
// @ts-ignore: decorator
@inline
function exponentials(x: usize, scale: f32, shift: f32, width: i32): f32 {
  const bytes: usize = <usize>width << 2;
  const pairs: usize = <usize>(width & ~7) << 2;
  const scale4 = f32x4.splat(scale);
  const shift4 = f32x4.splat(shift);
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  for (let o: usize = 0; o < pairs; o += 32) {
    const e0 = exp4(f32x4.sub(f32x4.mul(v128.load(x + o), scale4), shift4));
    const e1 = exp4(f32x4.sub(f32x4.mul(v128.load(x + o, 16), scale4), shift4));
    v128.store(x + o, e0);
    v128.store(x + o, e1, 16);
    sum0 = f32x4.add(sum0, e0);
    sum1 = f32x4.add(sum1, e1);
  }
  let sum = sumLanes(f32x4.add(sum0, sum1));
  for (let o = pairs; o < bytes; o += 4) {
    const e = exp1(load<f32>(x + o) * scale - shift);
    store<f32>(x + o, e);
    sum += e;
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function scaleRow(x: usize, by: f32, width: i32): void {
  const bytes: usize = <usize>width << 2;
  const pairs: usize = <usize>(width & ~7) << 2;
  const by4 = f32x4.splat(by);
  for (let o: usize = 0; o < pairs; o += 32) {
    const x0 = f32x4.mul(v128.load(x + o), by4);
    const x1 = f32x4.mul(v128.load(x + o, 16), by4);
    v128.store(x + o, x0);
    v128.store(x + o, x1, 16);
  }
  for (let o = pairs; o < bytes; o += 4) store<f32>(x + o, load<f32>(x + o) * by);
}

/**
 * Rows of scores to probabilities in place. Row r stands for query `first + r` and sees keys 0..first + r;
 * the keys behind are set to 0. Keeps the maximum and 1/sum of each row, from which the way back rebuilds it.
 */
export function causalSoftmax(
  s: usize, ld: i32, rows: i32, first: i32, width: i32, scale: f32, tops: usize, inverses: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const seen = first + row + 1;
    const top = rowMax(s, seen) * scale;
    const inverse: f32 = 1 / exponentials(s, scale, top, seen);
    scaleRow(s, inverse, seen);
    memory.fill(s + (<usize>seen << 2), 0, <usize>(width - seen) << 2);
    store<f32>(tops, top);
    store<f32>(inverses, inverse);
    tops += 4;
    inverses += 4;
    s += <usize>ld << 2;
  }
}

/** The same probabilities again from the maximum and 1/sum kept on the way forward. */
export function causalSoftmaxAgain(
  s: usize, ld: i32, rows: i32, first: i32, width: i32, scale: f32, tops: usize, inverses: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const seen = first + row + 1;
    exponentials(s, scale, load<f32>(tops), seen);
    scaleRow(s, load<f32>(inverses), seen);
    memory.fill(s + (<usize>seen << 2), 0, <usize>(width - seen) << 2);
    tops += 4;
    inverses += 4;
    s += <usize>ld << 2;
  }
}

/** d = p * (d - delta[row]) * scale in place: from dP to dS. */
export function softmaxGradient(p: usize, d: usize, ld: i32, rows: i32, width: i32, scale: f32, delta: usize): void {
  const bytes: usize = <usize>width << 2;
  const pairs: usize = <usize>(width & ~7) << 2;
  const scale4 = f32x4.splat(scale);
  for (let row = 0; row < rows; row++) {
    const minus = load<f32>(delta);
    const minus4 = f32x4.splat(minus);
    for (let o: usize = 0; o < pairs; o += 32) {
      const d0 = f32x4.mul(f32x4.mul(v128.load(p + o), f32x4.sub(v128.load(d + o), minus4)), scale4);
      const d1 = f32x4.mul(f32x4.mul(v128.load(p + o, 16), f32x4.sub(v128.load(d + o, 16), minus4)), scale4);
      v128.store(d + o, d0);
      v128.store(d + o, d1, 16);
    }
    for (let o = pairs; o < bytes; o += 4) {
      store<f32>(d + o, load<f32>(p + o) * (load<f32>(d + o) - minus) * scale);
    }
    delta += 4;
    p += <usize>ld << 2;
    d += <usize>ld << 2;
  }
}

/**
 * Rows of logits to their gradient in place: (softmax - onehot) * scale, all 0 where the target is `ignored`.
 * Keeps two numbers per row, [sum of e^(logit - max), max - logit of the target]: the loss is log of the
 * first plus the second, and is taken by the caller in float64.
 */
export function crossEntropy(logits: usize, targets: usize, parts: usize, rows: i32, vocab: i32, scale: f32, ignored: i32): void {
  const bytes: usize = <usize>vocab << 2;
  for (let row = 0; row < rows; row++) {
    const target = <i32>load<u16>(targets);
    if (target == ignored) {
      memory.fill(logits, 0, bytes);
      store<f32>(parts, 1);
      store<f32>(parts, 0, 4);
    } else {
      const chosen = logits + (<usize>target << 2);
      const top = rowMax(logits, vocab);
      const distance = top - load<f32>(chosen);
      const sum = exponentials(logits, 1, top, vocab);
      scaleRow(logits, scale / sum, vocab);
      store<f32>(chosen, load<f32>(chosen) - scale);
      store<f32>(parts, sum);
      store<f32>(parts, distance, 4);
    }
    targets += 2;
    parts += 8;
    logits += bytes;
  }
}
