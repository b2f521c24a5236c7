import type { LayerMemory, Vector } from '../memory.ts';
import type { OpPlan } from '../pipelines.ts';
import type { View } from '../tally.ts';
import { attention } from '../wgsl/attention.ts';
import { embed } from '../wgsl/embed.ts';
import { BYTES } from '../wgsl/format.ts';
import type { Epilogue } from '../wgsl/gemm.ts';
import { layerNorm } from '../wgsl/norm.ts';
import type { Pair, PassParts } from './parts.ts';

/** From tokens to the output of the last norm. `weights` are the parameters, or the base that lies beside them. */
export function forward(parts: PassParts, weights: Vector): OpPlan[] {
  const { config, format, layers, residual, final, momentsFinal, ids } = parts.memory;
  const { width, context } = config;
  const wpe = parts.slice(weights, 'wpe');
  const plans = parts
    .shards()
    .map((shard) =>
      parts.rowwise(
        embed({ width, context, format, ...parts.tokensOf(shard) }),
        [ids, weights.slice(shard), wpe, layers[0]!.before],
        2 * BYTES[format] + 4,
      ),
    );
  layers.forEach((layer, index) => {
    const after = layers[index + 1]?.before ?? residual;
    plans.push(...withinLayer(parts, weights, layer, index), leaveLayer(parts, weights, layer, index, after));
  });
  plans.push(norm(parts, weights, ['lnfw', 'lnfb'], 0, [residual, final, momentsFinal]));
  return plans;
}

/** All of a layer that its way back needs, from its input `before`; with checkpointing done twice. */
export function withinLayer(parts: PassParts, weights: Vector, layer: LayerMemory, index: number): OpPlan[] {
  const { width } = parts.memory.config;
  const { before, ln1, moments1, qkv, lse, attended, middle, ln2, moments2, wide, active } = layer;
  const products = (names: Pair, product: Omit<Linear, 'names'>) =>
    linear(parts, weights, index, { names, ...product });
  return [
    norm(parts, weights, ['ln1w', 'ln1b'], index, [before, ln1, moments1]),
    products(['qkvw', 'qkvb'], { inputs: width, outputs: 3 * width, epilogue: 'bias', views: [ln1, qkv] }),
    parts.attention(attention(parts.shape), [qkv, attended, lse], 2),
    products(['attprojw', 'attprojb'], {
      ...{ inputs: width, outputs: width, epilogue: 'residual' },
      views: [attended, middle, before],
    }),
    norm(parts, weights, ['ln2w', 'ln2b'], index, [middle, ln2, moments2]),
    products(['fcw', 'fcb'], {
      ...{ inputs: width, outputs: 4 * width, epilogue: 'gelu' },
      views: [ln2, wide, active],
    }),
  ];
}

/** What the layer hands to the next one. */
function leaveLayer(
  parts: PassParts,
  weights: Vector,
  { active, middle }: LayerMemory,
  index: number,
  after: View,
): OpPlan {
  const { width } = parts.memory.config;
  return linear(parts, weights, index, {
    ...{ names: ['fcprojw', 'fcprojb'], inputs: 4 * width, outputs: width, epilogue: 'residual' },
    views: [active, after, middle],
  });
}

interface Linear {
  readonly names: Pair;
  readonly inputs: number;
  readonly outputs: number;
  readonly epilogue: Epilogue;
  /** x, y, then what the epilogue needs beside the bias. */
  readonly views: readonly [View, View, View?];
}

/** y = x W^T + b and what the epilogue makes of it. */
function linear(
  parts: PassParts,
  weights: Vector,
  index: number,
  { names, inputs, outputs, epilogue, views: [x, y, more] }: Linear,
): OpPlan {
  const [w, b] = names.map((name) => parts.slice(weights, name, index)) as [View, View];
  return parts.product({
    form: 'NT',
    epilogue,
    result: epilogue === 'residual' ? 'f32' : parts.memory.format,
    ...{ m: 'rows', n: outputs, k: inputs },
    views: [x, w, y, b, ...(more ? [more] : [])],
  });
}

function norm(
  parts: PassParts,
  weights: Vector,
  [gain, bias]: Pair,
  index: number,
  [x, y, moments]: readonly [View, View, View],
): OpPlan {
  const { config, format } = parts.memory;
  const own = [parts.slice(weights, gain, index), parts.slice(weights, bias, index)];
  return parts.rowwise(
    layerNorm(config.width, format, parts.lanes.row),
    [x, ...own, y, moments],
    4 + BYTES[format],
  );
}
