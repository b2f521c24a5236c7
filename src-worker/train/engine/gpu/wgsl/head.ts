import { IGNORED_TARGET } from '../../engine.ts';
import { ENTRY, GROUP, type Kernel, kernel, params, read, sumOver, write } from './kernel.ts';

const LANES = 64;

/**
 * Softmax and cross-entropy of a run of rows: leaves each row's loss, and with `isTrained` turns its logits into
 * `(softmax - target) * scale`. Columns from `vocab` on are padding. One workgroup a row.
 */
export function crossEntropy(options: {
  readonly vocab: number;
  /** Elements of one row of logits, a multiple of 4. */
  readonly stride: number;
  readonly isTrained: boolean;
}): Kernel {
  const { vocab, stride, isTrained } = options;
  const change = `
  for (var c = lane; c < ${stride}u; c = c + ${LANES}u) {
    var d = 0.0;
    if (c < ${vocab}u && isCounted) {
      d = exp(logits[at + c] - top) / sum;
      if (c == goal) { d = d - 1.0; }
      d = d * params.scale;
    }
    logits[at + c] = d;
  }`;
  return kernel(
    `crossEntropy ${vocab} ${stride} ${isTrained}`,
    [
      params,
      read('targets', 'array<u32>'),
      isTrained ? write('logits', 'array<f32>') : read('logits', 'array<f32>'),
      write('losses', 'array<f32>'),
    ],
    `${sumOver(LANES)}
var<workgroup> tops: array<f32, ${LANES}>;
@compute @workgroup_size(${LANES}) fn main(${ENTRY}) {
  ${GROUP}
  let row = group;
  if (row >= params.rows) { return; }
  let at = row * ${stride}u;
  let goal = targets[row];
  let isCounted = goal != ${IGNORED_TARGET}u;
  var own = -3.0e38;
  for (var c = lane; c < ${vocab}u; c = c + ${LANES}u) { own = max(own, logits[at + c]); }
  tops[lane] = own;
  workgroupBarrier();
  for (var half = ${LANES / 2}u; half > 0u; half = half / 2u) {
    if (lane < half) { tops[lane] = max(tops[lane], tops[lane + half]); }
    workgroupBarrier();
  }
  let top = tops[0];
  var part = 0.0;
  for (var c = lane; c < ${vocab}u; c = c + ${LANES}u) { part = part + exp(logits[at + c] - top); }
  let sum = total(lane, part);
  if (lane == 0u) {
    losses[row] = select(0.0, log(sum) + top - logits[at + min(goal, ${vocab - 1}u)], isCounted);
  }
  storageBarrier();${isTrained ? change : ''}
}`,
  );
}

/** slots[params.slot] = the sum of all rows' losses, in one workgroup and one order. */
export function lossSum(): Kernel {
  const lanes = 256;
  return kernel(
    'lossSum',
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
