import type { View } from '../arena.ts';
import type { LayerMemory, Vector } from '../memory.ts';
import type { OpPlan } from '../pipelines.ts';
import { attention } from '../wgsl/attention.ts';
import { embed } from '../wgsl/embed.ts';
import type { Epilogue } from '../wgsl/gemm.ts';
import { layerNorm } from '../wgsl/norm.ts';
import type { Pair, PassParts } from './parts.ts';

/** From tokens to the output of the last norm. `weights` are the parameters, or the base that lies beside them. */
export function forward(parts: PassParts, weights: Vector): OpPlan[] {
  const { config, layers, residual, final, momentsFinal, ids } = parts.memory;
  const { width, context } = config;
  const wpe = parts.slice(weights, 'wpe');
  const plans = parts
    .shards()
    .map((shard) =>
      parts.rowwise(embed({ width, context, ...parts.tokensOf(shard) }), [
        ids,
        weights.slice(shard),
        wpe,
        layers[0]!.before,
      ]),
    );
  layers.forEach((layer, index) => {
    plans.push(...layerForward(parts, weights, layer, index, layers[index + 1]?.before ?? residual));
  });
  plans.push(norm(parts, weights, ['lnfw', 'lnfb'], 0, [residual, final, momentsFinal]));
  return plans;
}

function layerForward(
  parts: PassParts,
  weights: Vector,
  layer: LayerMemory,
  index: number,
  after: View,
): OpPlan[] {
  const { width } = parts.memory.config;
  const linear = (
    names: Pair,
    inputs: number,
    outputs: number,
    epilogue: Epilogue,
    x: View,
    y: View,
    ...more: View[]
  ) =>
    parts.product({
      form: 'NT',
      epilogue,
      ...{ m: 'rows', n: outputs, k: inputs },
      views: [x, parts.slice(weights, names[0], index), y, parts.slice(weights, names[1], index), ...more],
    });
  return [
    norm(parts, weights, ['ln1w', 'ln1b'], index, [layer.before, layer.ln1, layer.moments1]),
    linear(['qkvw', 'qkvb'], width, 3 * width, 'bias', layer.ln1, layer.qkv),
    parts.attention(attention(parts.shape), [layer.qkv, layer.attended, layer.lse], 2),
    linear(['attprojw', 'attprojb'], width, width, 'residual', layer.attended, layer.middle, layer.before),
    norm(parts, weights, ['ln2w', 'ln2b'], index, [layer.middle, layer.ln2, layer.moments2]),
    linear(['fcw', 'fcb'], width, 4 * width, 'gelu', layer.ln2, layer.wide, layer.active),
    linear(['fcprojw', 'fcprojb'], 4 * width, width, 'residual', layer.active, after, layer.middle),
  ];
}

function norm(
  parts: PassParts,
  weights: Vector,
  [gain, bias]: Pair,
  index: number,
  [x, y, moments]: readonly [View, View, View],
): OpPlan {
  const { width } = parts.memory.config;
  const own = [parts.slice(weights, gain, index), parts.slice(weights, bias, index)];
  return parts.rowwise(layerNorm(width), [x, ...own, y, moments]);
}
