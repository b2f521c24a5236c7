import type { Binding } from './kernel.ts';

/** How numbers lie in memory. Whatever it is, they are computed with in float32. */
export type Format = 'f32' | 'f16';

export const BYTES: Readonly<Record<Format, number>> = { f32: 4, f16: 2 };

/** A buffer seen as vectors of four numbers. */
export const vectors = (format: Format): string => ({ f32: 'array<vec4f>', f16: 'array<vec4h>' })[format];

/**
 * Raised where a number does not fit into float16: what is stored in its place is the nearest that does, and the step
 * that it belongs to is not applied.
 */
export const OVERFLOW: Binding = { name: 'overflow', type: 'atomic<u32>', access: 'flag' };

/** What a kernel that stores numbers of this format binds last. */
export const flagOf = (format: Format): readonly Binding[] => (format === 'f16' ? [OVERFLOW] : []);

/** WGSL of `value`, a vec4f, as it is stored. */
export const stored = (format: Format, value: string): string =>
  format === 'f16' ? `narrowed(${value})` : value;

/**
 * WGSL that `stored` needs. Bits are compared, because compilers may take it for granted that a float is a finite
 * number; 0x477fe000 is 65504, the largest that float16 has.
 */
export const storing = (format: Format): string =>
  format === 'f16'
    ? `
fn narrowed(value: vec4f) -> vec4h {
  if (any((bitcast<vec4u>(value) & vec4u(0x7fffffffu)) > vec4u(0x477fe000u))) { atomicStore(&overflow, 1u); }
  return vec4h(clamp(value, vec4f(-65504.0), vec4f(65504.0)));
}`
    : '';
