/**
 * The model's step as every thread runs it: each does its share of a stage, then all meet at a barrier.
 * Shares are cut so that no sum depends on how many threads there are.
 */
import type { ParameterName } from '../../../../src-shared/model/layout.ts';
import { IGNORED_TARGET } from '../engine.ts';
import { SKETCH_SUMS } from '../sketch.ts';
import { attentionBackward, attentionForward } from './attention.ts';
import { type Lane, type Matrix, multiplyShare, share } from './lane.ts';
import { type LayerPlan, NORM_CHUNK, tensorAddress } from './plan.ts';

export type MicroStepCommand = {
  readonly kind: 'microStep';
  readonly sequences: number;
  readonly accumulate: boolean;
  /** What the gradient of each counted target's loss is multiplied with: 1/(counted * microBatches). */
  readonly scale: number;
  /** Address of the weights: the parameters, or those beside them. */
  readonly weights: number;
};

export type EvalCommand = { readonly kind: 'eval'; readonly sequences: number; readonly weights: number };
export type NormCommand = { readonly kind: 'norm' };

export type AdamWCommand = {
  readonly kind: 'adamw';
  readonly gradScale: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly lr: number;
  readonly weightDecay: number;
  readonly step: number;
};

/** Sums of the gradient's parts for its sketch: see `../sketch.ts`. */
export type SketchCommand = { readonly kind: 'sketch'; readonly keyA: number; readonly keyB: number };

export type Command = MicroStepCommand | EvalCommand | NormCommand | AdamWCommand | SketchCommand;

export function runCommand(lane: Lane, command: Command): void {
  lane.begin();
  switch (command.kind) {
    case 'microStep':
      microStep({ ...lane, weights: command.weights }, command);
      return;
    case 'eval':
      evaluate({ ...lane, weights: command.weights }, command);
      return;
    case 'sketch':
      sketchSums(lane, command);
      return;
    case 'norm':
      normParts(lane);
      return;
    case 'adamw':
      adamw(lane, command);
      return;
  }
}

function microStep(lane: Lane, command: MicroStepCommand): void {
  forward(lane, command.sequences);
  if (!command.accumulate) clearSmallGradients(lane);
  headForwardBackward(lane, command);
  backward(lane, command.sequences, command.accumulate);
}

function evaluate(lane: Lane, { sequences }: EvalCommand): void {
  forward(lane, sequences);
  headForward(lane, sequences);
}

const parameter = (lane: Lane, name: ParameterName, layer?: number) =>
  tensorAddress(lane.plan, lane.weights, name, layer);
const gradient = (lane: Lane, name: ParameterName, layer?: number) =>
  tensorAddress(lane.plan, lane.plan.gradient, name, layer);

function forward(lane: Lane, sequences: number): void {
  const { plan, kernels } = lane;
  const { width, context } = plan.config;
  const rows = sequences * context;
  const { start, end } = share(lane, rows, 1);
  const first = plan.layers[0]!.before;
  kernels.addEmbeddings(
    plan.ids,
    parameter(lane, 'wte'),
    parameter(lane, 'wpe'),
    first,
    start,
    end,
    context,
    width,
  );
  plan.layers.forEach((layer, index) => {
    layerForward(lane, index, layer, plan.layers[index + 1]?.before ?? plan.residual, sequences);
  });
  // Rows of the residual stream are split by columns or by rows, so everyone must have finished.
  lane.barrier();
  norm(lane, plan.residual, plan.final, plan.meanFinal, plan.rstdFinal, rows, ['lnfw', 'lnfb']);
  lane.barrier();
}

function layerForward(lane: Lane, index: number, layer: LayerPlan, after: number, sequences: number): void {
  const { kernels, plan } = lane;
  const { width, context } = plan.config;
  const rows = sequences * context;
  lane.barrier();
  norm(lane, layer.before, layer.ln1, layer.mean1, layer.rstd1, rows, ['ln1w', 'ln1b'], index);
  lane.barrier();
  linear(lane, layer.ln1, width, layer.qkv, 3 * width, rows, ['qkvw', 'qkvb'], index);
  lane.barrier();
  attentionForward(lane, layer, sequences);
  lane.barrier();
  linear(
    lane,
    layer.attended,
    width,
    layer.middle,
    width,
    rows,
    ['attprojw', 'attprojb'],
    index,
    layer.before,
  );
  lane.barrier();
  norm(lane, layer.middle, layer.ln2, layer.mean2, layer.rstd2, rows, ['ln2w', 'ln2b'], index);
  lane.barrier();
  linear(lane, layer.ln2, width, layer.wide, 4 * width, rows, ['fcw', 'fcb'], index);
  lane.barrier();
  const { start, end } = share(lane, rows * 4 * width, 4);
  kernels.gelu(layer.wide + 4 * start, layer.active + 4 * start, end - start);
  lane.barrier();
  linear(lane, layer.active, 4 * width, after, width, rows, ['fcprojw', 'fcprojb'], index, layer.middle);
}

type Pair = readonly [ParameterName, ParameterName];

function norm(
  lane: Lane,
  x: number,
  y: number,
  mean: number,
  rstd: number,
  rows: number,
  names: Pair,
  layer = 0,
): void {
  const { width } = lane.plan.config;
  const { start, end } = share(lane, rows, 1);
  const shift = 4 * start * width;
  lane.kernels.layerNorm(
    x + shift,
    parameter(lane, names[0], layer),
    parameter(lane, names[1], layer),
    y + shift,
    mean + 4 * start,
    rstd + 4 * start,
    end - start,
    width,
  );
}

/** y = x W^T + b (+ from, the residual stream). */
function linear(
  lane: Lane,
  x: number,
  inputs: number,
  y: number,
  outputs: number,
  rows: number,
  names: Pair,
  layer: number,
  from?: number,
): void {
  multiplyShare(lane, {
    a: { at: x, ld: inputs },
    b: { at: parameter(lane, names[0], layer), ld: inputs, isTransposed: true },
    c: { at: y, ld: outputs },
    ...(from && { from }),
    bias: parameter(lane, names[1], layer),
    m: rows,
    n: outputs,
    k: inputs,
  });
}

/** Matrices are set by their first product; biases, norms and positions only ever add. */
function clearSmallGradients(lane: Lane): void {
  const { plan, kernels } = lane;
  for (const { name, offset, length } of plan.tensors) {
    if (isSetByProduct(name)) continue;
    const { start, end } = share(lane, length, 4);
    const zero = plan.gradient + 4 * (offset + start);
    kernels.clear(zero, end - start);
  }
}

function isSetByProduct(name: ParameterName): boolean {
  return name === 'wte' || name === 'qkvw' || name === 'attprojw' || name === 'fcw' || name === 'fcprojw';
}

/** Logits of rows [first, first + rows) into the one chunk that exists. */
function logits(lane: Lane, first: number, rows: number): void {
  const { plan } = lane;
  const { width, vocab } = plan.config;
  multiplyShare(lane, {
    a: { at: plan.final + 4 * first * width, ld: width },
    b: { at: parameter(lane, 'wte'), ld: width, isTransposed: true },
    c: { at: plan.logits, ld: vocab },
    m: rows,
    n: vocab,
    k: width,
  });
}

function crossEntropy(lane: Lane, first: number, rows: number, scale: number): void {
  const { plan, kernels } = lane;
  const { vocab } = plan.config;
  const { start, end } = share(lane, rows, 1);
  const row = first + start;
  const [targets, parts] = [plan.targets + 2 * row, plan.lossParts + 8 * row];
  kernels.crossEntropy(
    plan.logits + 4 * start * vocab,
    targets,
    parts,
    end - start,
    vocab,
    scale,
    IGNORED_TARGET,
  );
}

function forEachChunk(lane: Lane, sequences: number, visit: (first: number, rows: number) => void): void {
  const total = sequences * lane.plan.config.context;
  const size = lane.plan.logitRows;
  for (let first = 0; first < total; first += size) visit(first, Math.min(size, total - first));
}

function headForward(lane: Lane, sequences: number): void {
  forEachChunk(lane, sequences, (first, rows) => {
    logits(lane, first, rows);
    lane.barrier();
    crossEntropy(lane, first, rows, 0);
    lane.barrier();
  });
}

/** Loss, dFinal (into dNormed) and the head's part of dWte, chunk by chunk: logits turn into their gradient. */
function headForwardBackward(lane: Lane, { sequences, accumulate, scale }: MicroStepCommand): void {
  const { plan } = lane;
  const { width, vocab } = plan.config;
  const dWte = gradient(lane, 'wte');
  forEachChunk(lane, sequences, (first, rows) => {
    logits(lane, first, rows);
    lane.barrier();
    crossEntropy(lane, first, rows, scale);
    lane.barrier();
    const shift = 4 * first * width;
    multiplyShare(lane, {
      a: { at: plan.logits, ld: vocab },
      b: { at: parameter(lane, 'wte'), ld: width },
      c: { at: plan.dNormed + shift, ld: width },
      m: rows,
      n: width,
      k: vocab,
    });
    multiplyShare(lane, {
      a: { at: plan.logits, ld: vocab, isTransposed: true },
      b: { at: plan.final + shift, ld: width },
      c: { at: dWte, ld: width },
      ...((accumulate || first > 0) && { from: dWte }),
      m: vocab,
      n: width,
      k: rows,
    });
    lane.barrier();
  });
}

function backward(lane: Lane, sequences: number, accumulate: boolean): void {
  const { plan, kernels } = lane;
  const { width, context } = plan.config;
  const rows = sequences * context;
  const mine = share(lane, rows * width, 4);
  kernels.clear(plan.dResidual + 4 * mine.start, mine.end - mine.start);
  lane.barrier();
  normBack(lane, plan.residual, plan.meanFinal, plan.rstdFinal, rows, ['lnfw', 'lnfb']);
  for (let index = plan.layers.length - 1; index >= 0; index--)
    layerBackward(lane, index, sequences, accumulate);
  lane.barrier();
  const { start, end } = share(lane, width, 4);
  const [dWte, dWpe] = [gradient(lane, 'wte'), gradient(lane, 'wpe')];
  kernels.scatterRows(plan.ids, plan.dResidual, dWte, dWpe, rows, context, width, start, end);
}

function layerBackward(lane: Lane, index: number, sequences: number, accumulate: boolean): void {
  const { plan, kernels } = lane;
  const { width, context } = plan.config;
  const rows = sequences * context;
  const layer = plan.layers[index]!;
  const back = (dy: Matrix, x: Matrix, dx: Matrix, names: Pair) =>
    linearBack(lane, dy, x, dx, rows, names, index, accumulate);
  const dResidual = { at: plan.dResidual, ld: width };
  const dNormed = { at: plan.dNormed, ld: width };
  const dWide = { at: plan.dWide, ld: 4 * width };
  const dQkv = { at: plan.dQkv, ld: 3 * width };
  lane.barrier();
  back(dResidual, { at: layer.active, ld: 4 * width }, dWide, ['fcprojw', 'fcprojb']);
  lane.barrier();
  const { start, end } = share(lane, rows * 4 * width, 4);
  kernels.geluBackward(layer.wide + 4 * start, plan.dWide + 4 * start, end - start);
  lane.barrier();
  back(dWide, { at: layer.ln2, ld: width }, dNormed, ['fcw', 'fcb']);
  lane.barrier();
  normBack(lane, layer.middle, layer.mean2, layer.rstd2, rows, ['ln2w', 'ln2b'], index);
  lane.barrier();
  back(dResidual, { at: layer.attended, ld: width }, { at: plan.dAttended, ld: width }, [
    'attprojw',
    'attprojb',
  ]);
  lane.barrier();
  attentionBackward(lane, layer, sequences);
  lane.barrier();
  back(dQkv, { at: layer.ln1, ld: width }, dNormed, ['qkvw', 'qkvb']);
  lane.barrier();
  normBack(lane, layer.before, layer.mean1, layer.rstd1, rows, ['ln1w', 'ln1b'], index);
}

/** dx = dy W; dW (+)= dy^T x; dB += column sums of dy. */
function linearBack(
  lane: Lane,
  dy: Matrix,
  x: Matrix,
  dx: Matrix,
  rows: number,
  names: Pair,
  layer: number,
  accumulate: boolean,
): void {
  const [inputs, outputs] = [x.ld, dy.ld];
  const dW = gradient(lane, names[0], layer);
  const w = { at: parameter(lane, names[0], layer), ld: inputs };
  multiplyShare(lane, { a: dy, b: w, c: dx, m: rows, n: inputs, k: outputs });
  multiplyShare(lane, {
    a: { ...dy, isTransposed: true },
    b: x,
    c: { at: dW, ld: inputs },
    ...(accumulate && { from: dW }),
    m: outputs,
    n: inputs,
    k: rows,
  });
  const { start, end } = share(lane, outputs, 4);
  lane.kernels.columnSums(dy.at, outputs, gradient(lane, names[1], layer), rows, start, end);
}

/** dResidual += way back of a norm whose output's gradient stands in dNormed. */
function normBack(
  lane: Lane,
  x: number,
  mean: number,
  rstd: number,
  rows: number,
  names: Pair,
  layer = 0,
): void {
  const { plan, kernels } = lane;
  const { width } = plan.config;
  const gain = parameter(lane, names[0], layer);
  const own = share(lane, rows, 1);
  const shift = 4 * own.start * width;
  const [ownMean, ownRstd] = [mean + 4 * own.start, rstd + 4 * own.start];
  const [dy, dx] = [plan.dNormed + shift, plan.dResidual + shift];
  kernels.layerNormBackward(dy, x + shift, gain, ownMean, ownRstd, dx, own.end - own.start, width);
  const { start, end } = share(lane, width, 4);
  const [dGain, dBias] = [gradient(lane, names[0], layer), gradient(lane, names[1], layer)];
  kernels.layerNormGains(plan.dNormed, x, mean, rstd, dGain, dBias, rows, width, start, end);
}

function normParts(lane: Lane): void {
  const { plan, kernels } = lane;
  const { start, end } = share(lane, plan.normPartCount, 1);
  for (let chunk = start; chunk < end; chunk++) {
    const first = chunk * NORM_CHUNK;
    const squares = kernels.sumOfSquares(plan.gradient + 4 * first, Math.min(NORM_CHUNK, plan.count - first));
    lane.writePart(chunk, squares);
  }
}

function sketchSums(lane: Lane, { keyA, keyB }: SketchCommand): void {
  const { plan, kernels } = lane;
  const { start, end } = share(lane, plan.sketchParts.length, 1);
  for (let index = start; index < end; index++) {
    const { offset, length } = plan.sketchParts[index]!;
    const out = plan.sketchSums + 8 * SKETCH_SUMS * index;
    kernels.sketchSums(plan.gradient + 4 * offset, length, offset, keyA, keyB, out);
  }
}

function adamw(lane: Lane, { gradScale, beta1, beta2, eps, lr, weightDecay, step }: AdamWCommand): void {
  const { plan, kernels } = lane;
  const rate = lr / (1 - beta1 ** step);
  const vScale = 1 / Math.sqrt(1 - beta2 ** step);
  for (const { offset, length, decay } of plan.tensors) {
    const { start, end } = share(lane, length, 4);
    const shift = 4 * (offset + start);
    kernels.adamw(
      plan.parameters + shift,
      plan.gradient + shift,
      plan.m + shift,
      plan.v + shift,
      end - start,
      gradScale,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      decay ? 1 - lr * weightDecay : 1,
      rate,
      vScale,
      eps,
    );
  }
}
