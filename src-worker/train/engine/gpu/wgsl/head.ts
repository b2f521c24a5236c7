import { IGNORED_TARGET } from '../../engine.ts';
import { type Format, flagOf, stored, storing, vectors } from './format.ts';
import { ENTRY, GROUP, type Kernel, kernel, params, read, sumOver, write } from './kernel.ts';

/**
 * Softmax and cross-entropy of a run of rows: leaves each row's loss, and with `isTrained` turns its logits into
 * `(softmax - target) * scale * up`. Columns from `vocab` on are padding. One workgroup a row.
 */
export function crossEntropy(options: {
  readonly vocab: number;
  /** Elements of one row of logits, a multiple of 4. */
  readonly stride: number;
  readonly isTrained: boolean;
  /** Of the logits. */
  readonly format: Format;
  /** Threads of a row. */
  readonly lanes: number;
}): Kernel {
  const { vocab, stride, isTrained, format, lanes } = options;
  const own = stride / 4;
  const each = (work: string) => `for (var c = lane; c < ${own}u; c = c + ${lanes}u) {
    let columns = vec4u(4u * c) + vec4u(0u, 1u, 2u, 3u);
    let isToken = columns < vec4u(${vocab}u);
    let value = vec4f(logits[at + c]);
    ${work}
  }`;
  const change = each(`var d = select(vec4f(), exp(value - top) / sum, isToken);
    d = select(d, d - 1.0, columns == vec4u(goal)) * params.scale * params.up;
    if (!isCounted) { d = vec4f(); }
    logits[at + c] = ${stored(format, 'd')};`);
  return kernel(
    `crossEntropy ${vocab} ${stride} ${isTrained} ${format} ${lanes}`,
    [
      params,
      read('targets', 'array<u32>'),
      isTrained ? write('logits', vectors(format)) : read('logits', vectors(format)),
      write('losses', 'array<f32>'),
      ...(isTrained ? flagOf(format) : []),
    ],
    `${isTrained ? storing(format) : ''}${sumOver(lanes)}${greatestOf(lanes)}
@compute @workgroup_size(${lanes}) fn main(${ENTRY}) {
  ${GROUP}
  let row = group;
  if (row >= params.rows) { return; }
  let at = row * ${own}u;
  let goal = targets[row];
  let isCounted = goal != ${IGNORED_TARGET}u;
  var best = vec4f(-3.0e38);
  ${each('best = max(best, select(vec4f(-3.0e38), value, isToken));')}
  let top = greatest(lane, max(max(best.x, best.y), max(best.z, best.w)));
  var parts = vec4f();
  ${each('parts = parts + select(vec4f(), exp(value - top), isToken);')}
  let sum = total(lane, dot(parts, vec4f(1.0)));
  if (lane == 0u) {
    let right = min(goal, ${vocab - 1}u);
    losses[row] = select(0.0, log(sum) + top - f32(logits[at + right / 4u][right % 4u]), isCounted);
  }
  storageBarrier();
  ${isTrained ? change : ''}
}`,
  );
}

/** The greatest value of a workgroup of `size` lanes (a power of two), once in a shader. */
const greatestOf = (size: number): string => `
var<workgroup> tops: array<f32, ${size}>;
fn greatest(lane: u32, value: f32) -> f32 {
  tops[lane] = value;
  workgroupBarrier();
  for (var half = ${size / 2}u; half > 0u; half = half / 2u) {
    if (lane < half) { tops[lane] = max(tops[lane], tops[lane + half]); }
    workgroupBarrier();
  }
  return tops[0];
}`;

/** slots[params.slot] = the sum of all rows' losses, in one workgroup and one order. */
export function lossSum(lanes: number): Kernel {
  return kernel(
    `lossSum ${lanes}`,
    [params, read('losses', 'array<f32>'), write('slots', 'array<f32>')],
    `${sumOver(lanes)}
@compute @workgroup_size(${lanes}) fn main(@builtin(local_invocation_index) lane: u32) {
  var part = 0.0;
  for (var row = lane; row < params.rows; row = row + ${lanes}u) { part = part + losses[row]; }
  let sum = total(lane, part);
  if (lane == 0u) { slots[params.slot] = sum; }
}`,
  );
}
