import type { Work } from '../work.ts';
import { BF16 } from './bf16.ts';
import { OVERFLOW, vectors } from './format.ts';
import {
  type Binding,
  ENTRY,
  groupFrom,
  type Kernel,
  kernel,
  type Lanes,
  read,
  sumOver,
  write,
} from './kernel.ts';

/** Elements whose squares one workgroup adds. */
export const NORM_SPAN = 16_384;

/** parts[first + group] = the sum of squares of its span. `count` elements are a multiple of 4. */
export function squares(lanes: number): Kernel {
  return kernel(
    `squares ${lanes}`,
    [span, read('gradient', 'array<vec4f>'), write('parts', 'array<f32>')],
    `${SPAN}${sumOver(lanes)}
@compute @workgroup_size(${lanes}) fn main(${ENTRY}) {
  ${groupFrom(span)}
  let end = min(span.count / 4u, (group + 1u) * ${NORM_SPAN / 4}u);
  var own = vec4f();
  for (var i = group * ${NORM_SPAN / 4}u + lane; i < end; i = i + ${lanes}u) {
    let g = gradient[i];
    own = own + g * g;
  }
  let all = total(lane, dot(own, vec4f(1.0)));
  if (lane == 0u && group * ${NORM_SPAN / 4}u < span.count / 4u) { parts[span.first + group] = all; }
}`,
  );
}

/** What a step is taken with; `decision` is what the device makes of the norm. */
export const STEP = `struct Step {
  beta1: f32, rest1: f32, beta2: f32, rest2: f32,
  keep: f32, rate: f32, rootScale: f32, eps: f32,
  clip: f32, parts: u32, key: vec2u,
  adapts: u32,
}`;

/** Elements of a window, first place of their sums of squares, elements before it in all windows. */
export const SPAN = 'struct Span { count: u32, first: u32, before: u32, begin: u32 }';
export const span: Binding = { name: 'span', type: 'Span', access: 'uniform', beginAt: 12 };

/** What flows back in float16 is scaled by this at first: small numbers would be lost. */
export const FIRST_LOSS_SCALE = 2 ** 15;
/** So many steps in a row that were applied, and it doubles. */
export const GOOD_STEPS = 2_000;
export const LEAST_LOSS_SCALE = 1;
export const LARGEST_LOSS_SCALE = 2 ** 24;

/**
 * What becomes of the loss scale: it halves where something was not finite or did not fit, and the flag is down again.
 * Powers of two, so that its inverse is exact.
 */
const ADAPT = `
  if (step.adapts == 1u) {
    let good = select(0.0, scale[2] + 1.0, isFinite);
    var change = 1.0;
    if (!isFinite && scale[0] > ${LEAST_LOSS_SCALE}.0) { change = 0.5; }
    if (good >= ${GOOD_STEPS}.0 && scale[0] < ${LARGEST_LOSS_SCALE}.0) { change = 2.0; }
    scale[0] = scale[0] * change;
    scale[1] = scale[1] / change;
    scale[2] = select(good, 0.0, good >= ${GOOD_STEPS}.0);
    atomicStore(&overflow, 0u);
  }`;

/**
 * decision = [norm, factor, 1 where it is finite, loss scale from now on]: the gradient is scaled by the factor, or
 * nothing is applied.
 */
export function decide(lanes: number, { isScaled }: { readonly isScaled: boolean }): Kernel {
  return kernel(
    `decide ${isScaled} ${lanes}`,
    [
      { name: 'step', type: 'Step', access: 'uniform' },
      read('parts', 'array<f32>'),
      write('decision', 'array<u32>'),
      ...(isScaled ? [write('scale', 'array<f32>'), OVERFLOW] : []),
    ],
    `${STEP}${sumOver(lanes)}
@compute @workgroup_size(${lanes}) fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < step.parts; i = i + ${lanes}u) { sum = sum + parts[i]; }
  let all = total(lane, sum);
  if (lane != 0u) { return; }
  let norm = sqrt(all);
  // Bits, because compilers may take it for granted that a float is finite.
  let isFinite = (bitcast<u32>(all) & 0x7f800000u) != 0x7f800000u${isScaled ? ' && atomicLoad(&overflow) == 0u' : ''};
  decision[0] = select(0x7f800000u, bitcast<u32>(norm), isFinite);
  decision[1] = bitcast<u32>(select(1.0, step.clip / norm, step.clip > 0.0 && norm > step.clip));
  decision[2] = bitcast<u32>(select(0.0, 1.0, isFinite));
  ${
    isScaled
      ? `${ADAPT}
  decision[3] = bitcast<u32>(scale[0]);`
      : ''
  }
}`,
  );
}

/** WGSL of a vec4f in float16: of a number that this does not hold the nearest that it does. */
const nearest = (value: string): string => `vec4h(clamp(${value}, vec4f(-65504.0), vec4f(65504.0)))`;

/**
 * AdamW over one run of elements that decay alike: p = p * keep - rate * m / (sqrt(v) * rootScale + eps), with
 * keep = 1 - lr * decay, rate = lr / (1 - beta1^t), rootScale = 1 / sqrt(1 - beta2^t). The step
 * is taken with moments as they were computed; what is kept of them may have 16 bits.
 */
export function adamw(lanes: Lanes, { isDecayed, hasHalfMoments, hasShadow }: AdamwKind): Kernel {
  const moments = hasHalfMoments ? 'array<vec2u>' : 'array<vec4f>';
  const [load, store] = hasHalfMoments
    ? [
        (name: string) => `unpackBf16(${name}[i])`,
        `let noise = noiseOf(span.before + 4u * i, step.key);
  m[i] = packBf16(mean, noise & vec4u(0xffffu));
  v[i] = packBf16(square, noise >> vec4u(16u));`,
      ]
    : [(name: string) => `${name}[i]`, 'm[i] = mean;\n  v[i] = square;'];
  return kernel(
    `adamw ${isDecayed} ${hasHalfMoments} ${hasShadow} ${lanes.stream} ${lanes.vectors}`,
    [
      { name: 'step', type: 'Step', access: 'uniform' },
      span,
      read('decision', 'array<f32>'),
      read('gradient', 'array<vec4f>'),
      write('p', 'array<vec4f>'),
      write('m', moments),
      write('v', moments),
      ...(hasShadow ? [write('shadow', vectors('f16'))] : []),
    ],
    `${STEP}${SPAN}${hasHalfMoments ? BF16 : ''}
@compute @workgroup_size(${lanes.stream}) fn main(${ENTRY}) {
  ${groupFrom(span)}
  if (decision[2] == 0.0) { return; }
  let factor = decision[1];
  ${eachVector(lanes)}
  let g = gradient[i] * factor;
  let mean = ${load('m')} * step.beta1 + g * step.rest1;
  let square = ${load('v')} * step.beta2 + g * g * step.rest2;
  ${store}
  let stepped = p[i]${isDecayed ? ' * step.keep' : ''} - mean * step.rate / (sqrt(square) * step.rootScale + step.eps);
  p[i] = stepped;
  ${hasShadow ? `shadow[i] = ${nearest('stepped')};` : ''}
  }
}`,
  );
}

/**
 * The parameters once more as float16, rounded as `adamw` does. What is not a number stays none, whatever a device makes
 * of it in a clamp: its bits are set, because compilers may take it for granted that a float is a number.
 */
export function shadow(lanes: Lanes): Kernel {
  return kernel(
    `shadow ${lanes.stream} ${lanes.vectors}`,
    [span, read('p', 'array<vec4f>'), write('shadow', 'array<vec2u>')],
    `${SPAN}
@compute @workgroup_size(${lanes.stream}) fn main(${ENTRY}) {
  ${groupFrom(span)}
  ${eachVector(lanes)}
  let none = select(vec4u(0x7e00u), vec4u(0u), (bitcast<vec4u>(p[i]) & vec4u(0x7fffffffu)) <= vec4u(0x7f800000u));
  shadow[i] = bitcast<vec2u>(${nearest('p[i]')}) | (none.xz | (none.yw << vec2u(16u)));
  }
}`,
    ['f16'],
  );
}

export interface AdamwKind {
  readonly isDecayed: boolean;
  readonly hasHalfMoments: boolean;
  /** Whether products read the parameters from elsewhere, as float16. */
  readonly hasShadow: boolean;
}

/** Gradient, parameter and moments are read, and all but the gradient written; what is kept narrower costs less. */
export const adamwWork = ({ hasHalfMoments, hasShadow }: AdamwKind, elements: number): Work => ({
  operations: 14 * elements,
  bytes: (4 + 8 + (hasHalfMoments ? 8 : 16) + (hasShadow ? 2 : 0)) * elements,
});

/** Workgroups of `adamw` and `shadow`. */
export const streamGroups = ({ stream, vectors }: Lanes, elements: number): number =>
  Math.ceil(elements / 4 / (stream * vectors));

/** WGSL that begins a loop over a thread's vectors of four: threads side by side have vectors side by side. */
export const eachVector = ({ stream, vectors }: Lanes): string => `
  let end = min(span.count / 4u, (group + 1u) * ${stream * vectors}u);
  for (var i = group * ${stream * vectors}u + lane; i < end; i = i + ${stream}u) {`;
