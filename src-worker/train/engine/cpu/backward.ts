/** The model's way back: from its loss to the gradient of every parameter. */
import { attentionBackward } from './attention.ts';
import { crossEntropy, logits } from './forward.ts';
import {
  clear,
  ENOUGH_ELEMENTS,
  ENOUGH_ROWS,
  forEachChunk,
  gradient,
  type Pair,
  type Pass,
  parameter,
  together,
} from './pass.ts';
import { type Matrix, product } from './product.ts';
import type { Stage, Work } from './stage.ts';

/** Columns that are worth a part of their own where rows are added up. */
const ENOUGH_COLUMNS = 256;

export type GradientSums = {
  /** Add to the gradient that stands there. */
  readonly accumulate: boolean;
  /** What the gradient of each counted target's loss is multiplied with: 1/(counted * microBatches). */
  readonly scale: number;
};

/** Loss, dFinal (into dNormed) and the head's part of dWte, chunk by chunk: logits turn into their gradient. */
export function headAndBackStages(pass: Pass, { accumulate, scale }: GradientSums): Stage[] {
  const stages: Stage[] = [];
  const cleared = accumulate ? [dResidualCleared(pass)] : [dResidualCleared(pass), ...smallCleared(pass)];
  forEachChunk(pass, (first, rows) => {
    stages.push(
      together(pass, logits(pass, first, rows), ...(first === 0 ? cleared : [])),
      together(pass, crossEntropy(pass, first, rows, scale)),
      together(pass, ...headBack(pass, first, rows, accumulate || first > 0)),
    );
  });
  return stages;
}

function headBack(pass: Pass, first: number, rows: number, accumulate: boolean): [Work, Work] {
  const { plan } = pass;
  const { width, vocab } = plan.config;
  const shift = 4 * first * width;
  const dWte = gradient(pass, 'wte');
  return [
    product({
      a: { at: plan.logits, ld: vocab },
      b: { at: parameter(pass, 'wte'), ld: width },
      c: { at: plan.dNormed + shift, ld: width },
      m: rows,
      n: width,
      k: vocab,
    }),
    product({
      a: { at: plan.logits, ld: vocab, isTransposed: true },
      b: { at: plan.final + shift, ld: width },
      c: { at: dWte, ld: width },
      ...(accumulate && { from: dWte }),
      m: vocab,
      n: width,
      k: rows,
    }),
  ];
}

/** Matrices are set by their first product; biases, norms and positions only ever add. */
function smallCleared({ plan }: Pass): Work[] {
  const setByProduct = new Set(['wte', 'qkvw', 'attprojw', 'fcw', 'fcprojw']);
  return plan.tensors
    .filter(({ name }) => !setByProduct.has(name))
    .map(({ offset, length }) => clear(plan.gradient + 4 * offset, length));
}

/** The norms' ways back only ever add to it. */
function dResidualCleared({ plan, rows }: Pass): Work {
  return clear(plan.dResidual, rows * plan.config.width);
}

/** From dFinal on. */
export function backwardStages(pass: Pass, accumulate: boolean): Stage[] {
  const { plan } = pass;
  const { residual, meanFinal, rstdFinal } = plan;
  const layers = plan.layers.map((_, index) => layerStages(pass, index, accumulate));
  return [
    together(pass, ...normBack(pass, residual, [meanFinal, rstdFinal], ['lnfw', 'lnfb'])),
    ...layers.toReversed().flat(),
    together(pass, embeddingsBack(pass)),
  ];
}

function embeddingsBack(pass: Pass): Work {
  const { plan, rows } = pass;
  const { width, context } = plan.config;
  const [dWte, dWpe] = [gradient(pass, 'wte'), gradient(pass, 'wpe')];
  return {
    ...{ total: width, unit: 4, enough: ENOUGH_COLUMNS },
    run: ({ kernels }, start, end) =>
      kernels.scatterRows(plan.ids, plan.dResidual, dWte, dWpe, rows, context, width, start, end),
  };
}

function layerStages(pass: Pass, index: number, accumulate: boolean): Stage[] {
  const { plan, rows } = pass;
  const { width } = plan.config;
  const layer = plan.layers[index]!;
  const back = (dy: Matrix, x: Matrix, dx: Matrix, names: Pair) =>
    together(pass, ...linearBack(pass, { dy, x, dx }, names, index, accumulate));
  const norm = (x: number, mean: number, rstd: number, names: Pair) =>
    together(pass, ...normBack(pass, x, [mean, rstd], names, index));
  const dResidual = { at: plan.dResidual, ld: width };
  const dNormed = { at: plan.dNormed, ld: width };
  const dAttended = { at: plan.dAttended, ld: width };
  const dWide = { at: plan.dWide, ld: 4 * width };
  const dQkv = { at: plan.dQkv, ld: 3 * width };
  return [
    back(dResidual, { at: layer.active, ld: 4 * width }, dWide, ['fcprojw', 'fcprojb']),
    together(pass, geluBack(layer.wide, plan.dWide, rows * 4 * width)),
    back(dWide, { at: layer.ln2, ld: width }, dNormed, ['fcw', 'fcb']),
    norm(layer.middle, layer.mean2, layer.rstd2, ['ln2w', 'ln2b']),
    back(dResidual, { at: layer.attended, ld: width }, dAttended, ['attprojw', 'attprojb']),
    together(pass, attentionBackward(pass, layer)),
    back(dQkv, { at: layer.ln1, ld: width }, dNormed, ['qkvw', 'qkvb']),
    norm(layer.before, layer.mean1, layer.rstd1, ['ln1w', 'ln1b']),
  ];
}

/** d = d gelu'(x); `total` is a multiple of 4. */
function geluBack(x: number, d: number, total: number): Work {
  return {
    ...{ total, unit: 4, enough: ENOUGH_ELEMENTS },
    run: ({ kernels }, start, end) => kernels.geluBackward(x + 4 * start, d + 4 * start, end - start),
  };
}

type LinearEnds = { readonly dy: Matrix; readonly x: Matrix; readonly dx: Matrix };

/** dx = dy W; dW (+)= dy^T x; dB += column sums of dy. */
function linearBack(
  pass: Pass,
  { dy, x, dx }: LinearEnds,
  names: Pair,
  layer: number,
  accumulate: boolean,
): [Work, Work, Work] {
  const { rows } = pass;
  const [inputs, outputs] = [x.ld, dy.ld];
  const dW = gradient(pass, names[0], layer);
  const w = { at: parameter(pass, names[0], layer), ld: inputs };
  return [
    product({ a: dy, b: w, c: dx, m: rows, n: inputs, k: outputs }),
    product({
      a: { ...dy, isTransposed: true },
      b: x,
      c: { at: dW, ld: inputs },
      ...(accumulate && { from: dW }),
      m: outputs,
      n: inputs,
      k: rows,
    }),
    columnSums(dy, gradient(pass, names[1], layer), rows),
  ];
}

/** out += the sums of x's columns. */
function columnSums({ at, ld }: Matrix, out: number, rows: number): Work {
  return {
    ...{ total: ld, unit: 4, enough: ENOUGH_COLUMNS },
    run: ({ kernels }, start, end) => kernels.columnSums(at, ld, out, rows, start, end),
  };
}

/** dResidual += way back of a norm whose output's gradient stands in dNormed; its gain's and bias's gradients. */
function normBack(
  pass: Pass,
  x: number,
  [mean, rstd]: readonly [number, number],
  names: Pair,
  layer?: number,
): [Work, Work] {
  const { plan, rows } = pass;
  const { width } = plan.config;
  const { dNormed, dResidual } = plan;
  const gain = parameter(pass, names[0], layer);
  const [dGain, dBias] = [gradient(pass, names[0], layer), gradient(pass, names[1], layer)];
  return [
    {
      ...{ total: rows, unit: 1, enough: ENOUGH_ROWS },
      run({ kernels }, start, end) {
        const [shift, row] = [4 * start * width, 4 * start];
        const [dy, dx] = [dNormed + shift, dResidual + shift];
        kernels.layerNormBackward(dy, x + shift, gain, mean + row, rstd + row, dx, end - start, width);
      },
    },
    {
      ...{ total: width, unit: 4, enough: ENOUGH_COLUMNS },
      run: ({ kernels }, start, end) =>
        kernels.layerNormGains(dNormed, x, mean, rstd, dGain, dBias, rows, width, start, end),
    },
  ];
}
