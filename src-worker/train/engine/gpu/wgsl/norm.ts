import { type Format, flagOf, stored, storing, vectors } from './format.ts';
import { ENTRY, GROUP, type Kernel, kernel, params, read, sumOver, write } from './kernel.ts';

/** GPT-2's epsilon. */
const EPSILON = '1e-5';

/** out = (x - mean) / sqrt(variance + 1e-5) * gain + bias; keeps mean and 1/std. One workgroup a row. */
export function layerNorm(width: number, format: Format, lanes: number): Kernel {
  const own = width / 4;
  return kernel(
    `layerNorm ${width} ${format} ${lanes}`,
    [
      params,
      read('x', 'array<vec4f>'),
      read('gain', 'array<vec4f>'),
      read('bias', 'array<vec4f>'),
      write('out', vectors(format)),
      write('moments', 'array<vec2f>'),
      ...flagOf(format),
    ],
    `${storing(format)}${sumOver(lanes)}
@compute @workgroup_size(${lanes}) fn main(${ENTRY}) {
  ${GROUP}
  let row = group;
  if (row >= params.rows) { return; }
  let at = row * ${own}u;
  var sum = vec4f();
  for (var c = lane; c < ${own}u; c = c + ${lanes}u) { sum = sum + x[at + c]; }
  let mean = total(lane, dot(sum, vec4f(1.0))) / ${width}.0;
  var squares = 0.0;
  for (var c = lane; c < ${own}u; c = c + ${lanes}u) {
    let apart = x[at + c] - mean;
    squares = squares + dot(apart, apart);
  }
  let rstd = 1.0 / sqrt(total(lane, squares) / ${width}.0 + ${EPSILON});
  for (var c = lane; c < ${own}u; c = c + ${lanes}u) {
    out[at + c] = ${stored(format, '(x[at + c] - mean) * rstd * gain[c] + bias[c]')};
  }
  if (lane == 0u) { moments[row] = vec2f(mean, rstd); }
}`,
  );
}

/**
 * dx += rstd * (g - mean(g) - hat * mean(g * hat)), g = dy * gain; the first way back into dx is not added to anything.
 * One workgroup a row. In float16 `factor` is what dx comes to, for the products that follow.
 */
export function layerNormBack(options: {
  readonly width: number;
  readonly format: Format;
  /** Threads of a row. */
  readonly lanes: number;
  readonly isFirst: boolean;
}): Kernel {
  const { width, format, lanes, isFirst } = options;
  const own = width / 4;
  return kernel(
    `layerNormBack ${width} ${format} ${lanes} ${isFirst}`,
    [
      params,
      read('dy', 'array<vec4f>'),
      read('x', 'array<vec4f>'),
      read('moments', 'array<vec2f>'),
      read('gain', 'array<vec4f>'),
      write('dx', 'array<vec4f>'),
      ...(format === 'f32' ? [] : [write('factor', vectors(format)), ...flagOf(format)]),
    ],
    `${storing(format)}${sumOver(lanes)}
@compute @workgroup_size(${lanes}) fn main(${ENTRY}) {
  ${GROUP}
  let row = group;
  if (row >= params.rows) { return; }
  let at = row * ${own}u;
  let mean = moments[row].x;
  let rstd = moments[row].y;
  var sum = 0.0;
  var along = 0.0;
  for (var c = lane; c < ${own}u; c = c + ${lanes}u) {
    let g = dy[at + c] * gain[c];
    sum = sum + dot(g, vec4f(1.0));
    along = along + dot(g, (x[at + c] - mean) * rstd);
  }
  let gMean = total(lane, sum) / ${width}.0;
  let alongMean = total(lane, along) / ${width}.0;
  for (var c = lane; c < ${own}u; c = c + ${lanes}u) {
    let hat = (x[at + c] - mean) * rstd;
    let sum = ${isFirst ? '' : 'dx[at + c] + '}(dy[at + c] * gain[c] - gMean - hat * alongMean) * rstd;
    dx[at + c] = sum;${
      format === 'f32'
        ? ''
        : `
    factor[at + c] = ${stored(format, 'sum')};`
    }
  }
}`,
  );
}
