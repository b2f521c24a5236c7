import {
  type ModelConfig,
  PARAMETER_NAMES,
  type ParameterName,
  parameterLayout,
} from '../../../../src-shared/model/layout.ts';
import { IGNORED_TARGET } from '../engine.ts';
import * as op from './operations.ts';

type Tensors = Record<ParameterName, Float64Array>;

/** Views of the 16 tensors into one flat vector. */
export function tensorViews(config: ModelConfig, flat: Float64Array): Tensors {
  return Object.fromEntries(
    parameterLayout(config).map((t) => [t.name, flat.subarray(t.offset, t.offset + t.length)]),
  ) as Tensors;
}

/** The part of each stacked tensor that belongs to one layer; embeddings and the last norm as they are. */
function layerViews(tensors: Tensors, layer: number, layers: number): Tensors {
  const views = { ...tensors };
  for (const name of PARAMETER_NAMES.slice(2, -2)) {
    const size = tensors[name].length / layers;
    views[name] = tensors[name].subarray(layer * size, (layer + 1) * size);
  }
  return views;
}

function add(target: Float64Array, more: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += more[i]!;
}

/**
 * Mean loss over the targets that count. With `gradient`, the gradient of that mean times `gradientScale`
 * is added to it.
 */
export function lossAndGradient(
  config: ModelConfig,
  parameters: Float64Array,
  ids: Uint16Array,
  targets: Uint16Array,
  gradient?: Float64Array,
  gradientScale = 1,
): number {
  const { layers, width, heads, context, vocab } = config;
  const p = tensorViews(config, parameters);
  const shape = { sequences: ids.length / context, context, width, heads };
  const counted = targets.reduce((n, target) => n + (target === IGNORED_TARGET ? 0 : 1), 0);

  let residual = new Float64Array(ids.length * width);
  ids.forEach((id, row) => {
    for (let i = 0; i < width; i++) {
      residual[row * width + i] = p.wte[id * width + i]! + p.wpe[(row % context) * width + i]!;
    }
  });
  const kept = [];
  for (let layer = 0; layer < layers; layer++) {
    const w = layerViews(p, layer, layers);
    const before = residual;
    const ln1 = op.layerNorm(before, w.ln1w, w.ln1b);
    const qkv = op.linear(ln1, w.qkvw, w.qkvb, width, 3 * width);
    const attended = op.attention(qkv, shape);
    const middle = op.linear(attended, w.attprojw, w.attprojb, width, width);
    add(middle, before);
    const ln2 = op.layerNorm(middle, w.ln2w, w.ln2b);
    const wide = op.linear(ln2, w.fcw, w.fcb, width, 4 * width);
    const active = op.gelu(wide);
    const after = op.linear(active, w.fcprojw, w.fcprojb, 4 * width, width);
    add(after, middle);
    kept.push({ before, ln1, qkv, attended, middle, ln2, wide, active });
    residual = after as Float64Array<ArrayBuffer>;
  }
  const final = op.layerNorm(residual, p.lnfw, p.lnfb);
  const logits = op.linear(final, p.wte, null, width, vocab);
  const { lossSum, gradient: dLogits } = op.crossEntropy(
    logits,
    targets,
    IGNORED_TARGET,
    gradientScale / Math.max(1, counted),
  );
  const loss = lossSum / Math.max(1, counted);
  if (!gradient) return loss;

  const g = tensorViews(config, gradient);
  const dFinal = op.linearBack(dLogits, final, p.wte, g.wte, null, width, vocab);
  const d = new Float64Array(residual.length);
  op.layerNormBack(dFinal, residual, p.lnfw, g.lnfw, g.lnfb, d);
  for (let layer = layers - 1; layer >= 0; layer--) {
    const w = layerViews(p, layer, layers);
    const dw = layerViews(g, layer, layers);
    const k = kept[layer]!;
    const dActive = op.linearBack(d, k.active, w.fcprojw, dw.fcprojw, dw.fcprojb, 4 * width, width);
    const dWide = op.geluBack(dActive, k.wide);
    const dLn2 = op.linearBack(dWide, k.ln2, w.fcw, dw.fcw, dw.fcb, width, 4 * width);
    op.layerNormBack(dLn2, k.middle, w.ln2w, dw.ln2w, dw.ln2b, d);
    const dAttended = op.linearBack(d, k.attended, w.attprojw, dw.attprojw, dw.attprojb, width, width);
    const dQkv = op.attentionBack(dAttended, k.qkv, shape);
    const dLn1 = op.linearBack(dQkv, k.ln1, w.qkvw, dw.qkvw, dw.qkvb, width, 3 * width);
    op.layerNormBack(dLn1, k.before, w.ln1w, dw.ln1w, dw.ln1b, d);
  }
  ids.forEach((id, row) => {
    for (let i = 0; i < width; i++) {
      g.wte[id * width + i]! += d[row * width + i]!;
      g.wpe[(row % context) * width + i]! += d[row * width + i]!;
    }
  });
  return loss;
}
