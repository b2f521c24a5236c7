/**
 * Numbers of 16 bits, two in a word (`../../bf16.ts`). A value that hardly changes from step to step would never move
 * if it were rounded to the nearest: it is rounded up as often as it lies near the upper neighbour, by a hash of where it
 * stands and of the step, so that a run can be had again bit for bit.
 */
export const BF16 = `
fn unpackBf16(words: vec2u) -> vec4f {
  return bitcast<vec4f>(vec4u(words.x << 16u, words.x & 0xffff0000u, words.y << 16u, words.y & 0xffff0000u));
}
// Each of \`noise\` is below 65536.
fn packBf16(values: vec4f, noise: vec4u) -> vec2u {
  let bits = bitcast<vec4u>(values) + noise;
  return vec2u((bits.x >> 16u) | (bits.y & 0xffff0000u), (bits.z >> 16u) | (bits.w & 0xffff0000u));
}
fn mix4(x: vec4u) -> vec4u {
  var h = (x ^ (x >> vec4u(16u))) * 0x85ebca6bu;
  h = (h ^ (h >> vec4u(13u))) * 0xc2b2ae35u;
  return h ^ (h >> vec4u(16u));
}
// 32 random bits for each of the four elements from \`first\` on.
fn noiseOf(first: u32, key: vec2u) -> vec4u {
  return mix4(mix4((vec4u(first) + vec4u(0u, 1u, 2u, 3u)) ^ vec4u(key.x)) + vec4u(key.y));
}`;

const SEED = 0x9e3779b9;

/** Keys of the rounding of one step. */
export function roundingKey(step: number): readonly [number, number] {
  const mixed = Math.imul(step ^ SEED, 0x85ebca6b) >>> 0;
  return [mixed, Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 0];
}
