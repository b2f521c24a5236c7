/** The model's way forward, from token ids to the distances that its loss is made of. */
import { IGNORED_TARGET } from '../engine.ts';
import { attentionForward } from './attention.ts';
import {
  ENOUGH_ELEMENTS,
  ENOUGH_ROWS,
  forEachChunk,
  type Pair,
  type Pass,
  parameter,
  together,
} from './pass.ts';
import type { LayerPlan } from './plan.ts';
import { product } from './product.ts';
import type { Stage, Work } from './stage.ts';

/** Up to the normed output of the last layer. */
export function forwardStages(pass: Pass): Stage[] {
  const { plan } = pass;
  const layers = plan.layers.flatMap((layer, index) =>
    layerStages(pass, index, layer, plan.layers[index + 1]?.before ?? plan.residual),
  );
  const { residual, final, meanFinal, rstdFinal } = plan;
  return [
    together(pass, embeddings(pass)),
    ...layers,
    together(pass, norm(pass, residual, final, [meanFinal, rstdFinal], ['lnfw', 'lnfb'])),
  ];
}

/** Distances of the targets, and nothing of a way back. */
export function headStages(pass: Pass): Stage[] {
  const stages: Stage[] = [];
  forEachChunk(pass, (first, rows) => {
    stages.push(
      together(pass, logits(pass, first, rows)),
      together(pass, crossEntropy(pass, first, rows, 0)),
    );
  });
  return stages;
}

function embeddings(pass: Pass): Work {
  const { plan, rows } = pass;
  const { width, context } = plan.config;
  const [wte, wpe] = [parameter(pass, 'wte'), parameter(pass, 'wpe')];
  const out = plan.layers[0]!.before;
  return {
    ...{ total: rows, unit: 1, enough: ENOUGH_ROWS },
    run: ({ kernels }, start, end) =>
      kernels.addEmbeddings(plan.ids, wte, wpe, out, start, end, context, width),
  };
}

function layerStages(pass: Pass, index: number, layer: LayerPlan, after: number): Stage[] {
  const { width } = pass.plan.config;
  const { before, middle, ln1, ln2, qkv, attended, wide, active } = layer;
  const each = (work: Work) => together(pass, work);
  const linearHere = (x: number, inputs: number, y: number, outputs: number, names: Pair, from?: number) =>
    each(linear(pass, { at: x, ld: inputs }, { at: y, ld: outputs }, names, index, from));
  return [
    each(norm(pass, before, ln1, [layer.mean1, layer.rstd1], ['ln1w', 'ln1b'], index)),
    linearHere(ln1, width, qkv, 3 * width, ['qkvw', 'qkvb']),
    each(attentionForward(pass, layer)),
    linearHere(attended, width, middle, width, ['attprojw', 'attprojb'], before),
    each(norm(pass, middle, ln2, [layer.mean2, layer.rstd2], ['ln2w', 'ln2b'], index)),
    linearHere(ln2, width, wide, 4 * width, ['fcw', 'fcb']),
    each(gelu(wide, active, pass.rows * 4 * width)),
    linearHere(active, 4 * width, after, width, ['fcprojw', 'fcprojb'], middle),
  ];
}

/** y = gelu(x); `total` is a multiple of 4. */
function gelu(x: number, y: number, total: number): Work {
  return {
    ...{ total, unit: 4, enough: ENOUGH_ELEMENTS },
    run: ({ kernels }, start, end) => kernels.gelu(x + 4 * start, y + 4 * start, end - start),
  };
}

/** y = the norm of x's rows; keeps their means and inverse deviations at `kept`. */
function norm(
  pass: Pass,
  x: number,
  y: number,
  kept: readonly [mean: number, rstd: number],
  names: Pair,
  layer?: number,
): Work {
  const { width } = pass.plan.config;
  const [gain, bias] = [parameter(pass, names[0], layer), parameter(pass, names[1], layer)];
  const [mean, rstd] = kept;
  return {
    ...{ total: pass.rows, unit: 1, enough: ENOUGH_ROWS },
    run({ kernels }, start, end) {
      const [shift, row] = [4 * start * width, 4 * start];
      kernels.layerNorm(x + shift, gain, bias, y + shift, mean + row, rstd + row, end - start, width);
    },
  };
}

type Rows = { readonly at: number; readonly ld: number };

/** y = x W^T + b (+ from, the residual stream). */
function linear(pass: Pass, x: Rows, y: Rows, names: Pair, layer: number, from?: number): Work {
  return product({
    a: x,
    b: { at: parameter(pass, names[0], layer), ld: x.ld, isTransposed: true },
    c: y,
    ...(from && { from }),
    bias: parameter(pass, names[1], layer),
    m: pass.rows,
    n: y.ld,
    k: x.ld,
  });
}

/** Logits of rows [first, first + rows) into the one chunk that exists. */
export function logits(pass: Pass, first: number, rows: number): Work {
  const { plan } = pass;
  const { width, vocab } = plan.config;
  return product({
    a: { at: plan.final + 4 * first * width, ld: width },
    b: { at: parameter(pass, 'wte'), ld: width, isTransposed: true },
    c: { at: plan.logits, ld: vocab },
    m: rows,
    n: vocab,
    k: width,
  });
}

/** Rows that are worth a part of their own: each is as long as the vocabulary. */
const ENOUGH_OF_HEAD = 16;

/** Distances of rows [first, first + rows); their logits turn into their gradient where `scale` is not zero. */
export function crossEntropy({ plan }: Pass, first: number, rows: number, scale: number): Work {
  const { vocab } = plan.config;
  return {
    ...{ total: rows, unit: 1, enough: ENOUGH_OF_HEAD },
    run({ kernels }, start, end) {
      const row = first + start;
      const [targets, parts] = [plan.targets + 2 * row, plan.lossParts + 8 * row];
      const at = plan.logits + 4 * start * vocab;
      kernels.crossEntropy(at, targets, parts, end - start, vocab, scale, IGNORED_TARGET);
    },
  };
}
