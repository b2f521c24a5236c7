import type { LayerMemory, Vector } from '../memory.ts';
import type { OpPlan } from '../pipelines.ts';
import type { View } from '../tally.ts';
import * as attend from '../wgsl/attention.ts';
import * as columns from '../wgsl/columns.ts';
import { embedBackPositions, embedBackTokens } from '../wgsl/embed.ts';
import { BYTES } from '../wgsl/format.ts';
import { grid } from '../wgsl/kernel.ts';
import { layerNormBack } from '../wgsl/norm.ts';
import { withinLayer } from './forward.ts';
import type { Pair, PassParts } from './parts.ts';

/** From what flows back into the last norm (`dNormed`) to the embeddings. `dResidual` is zero at the start. */
export function backward(parts: PassParts, weights: Vector): OpPlan[] {
  const {
    config,
    isCheckpointed,
    layers,
    residual,
    momentsFinal,
    gradient,
    dResidual,
    distinct,
    starts,
    order,
  } = parts.memory;
  const { width, context } = config;
  const plans = normBack(parts, weights, ['lnfw', 'lnfb'], 0, residual, momentsFinal);
  for (let index = layers.length - 1; index >= 0; index -= 1) {
    const layer = layers[index]!;
    // The last layer's is still there.
    if (isCheckpointed && index < layers.length - 1) plans.push(...withinLayer(parts, weights, layer, index));
    plans.push(...layerBackward(parts, weights, layer, index));
  }
  for (const shard of parts.shards())
    plans.push({
      kernel: embedBackTokens({ width, ...parts.tokensOf(shard) }),
      views: [parts.params(0), distinct, starts, order, dResidual, gradient.slice(shard)],
      groups: (rows) => grid(rows),
      work: (rows) => ({ operations: rows * width, bytes: 12 * rows * width }),
    });
  plans.push({
    kernel: embedBackPositions({ width, context }),
    views: [parts.params(0), dResidual, parts.slice(gradient, 'wpe')],
    groups: () => grid(context),
    work: (rows) => ({ operations: rows * width, bytes: 4 * (rows + 2 * context) * width }),
  });
  return plans;
}

function layerBackward(parts: PassParts, weights: Vector, layer: LayerMemory, index: number): OpPlan[] {
  const { config, dFactor, dNormed, dAttended, dQkv, dWide, delta } = parts.memory;
  const { width } = config;
  const back = (names: Pair, dy: View, outputs: number, x: View, inputs: number, dx: View, wide?: View) =>
    linearBack(parts, weights, names, index, { dy, outputs, x, inputs, dx, wide });
  const flow = [layer.qkv, dAttended, layer.lse, delta, dQkv];
  return [
    ...back(['fcprojw', 'fcprojb'], dFactor, width, layer.active, 4 * width, dWide, layer.wide),
    ...back(['fcw', 'fcb'], dWide, 4 * width, layer.ln2, width, dNormed),
    ...normBack(parts, weights, ['ln2w', 'ln2b'], index, layer.middle, layer.moments2),
    ...back(['attprojw', 'attprojb'], dFactor, width, layer.attended, width, dAttended),
    {
      kernel: attend.attentionDelta(parts.shape),
      views: [parts.params(0), dAttended, layer.attended, delta],
      groups: (rows) => grid(attend.deltaGroups(parts.shape, rows)),
      work: (rows) => ({
        operations: 2 * rows * width,
        bytes: (4 + BYTES[parts.memory.format]) * rows * width,
      }),
    },
    parts.attention(attend.attentionBackQueries(parts.shape), flow, 3),
    parts.attention(attend.attentionBackKeys(parts.shape), flow, 4),
    ...back(['qkvw', 'qkvb'], dQkv, 3 * width, layer.ln1, width, dNormed),
    ...normBack(parts, weights, ['ln1w', 'ln1b'], index, layer.before, layer.moments1),
  ];
}

interface LinearFlow {
  readonly dy: View;
  readonly outputs: number;
  readonly x: View;
  readonly inputs: number;
  readonly dx: View;
  readonly wide: View | undefined;
}

/** dx = dy W (times gelu' of `wide`); dW += dy^T x; db += column sums of dy. */
function linearBack(
  parts: PassParts,
  weights: Vector,
  names: Pair,
  index: number,
  { dy, outputs, x, inputs, dx, wide }: LinearFlow,
): OpPlan[] {
  const { gradient, columnParts, format } = parts.memory;
  const w = parts.slice(weights, names[0], index);
  const dW = parts.slice(gradient, names[0], index);
  return [
    parts.product({
      form: 'NN',
      epilogue: wide ? 'geluSlope' : 'set',
      result: wide ? format : 'f32',
      ...{ m: 'rows', n: inputs, k: outputs },
      views: [dy, w, dx, ...(wide ? [wide] : [])],
    }),
    parts.product({
      form: 'TN',
      epilogue: 'accumulate',
      result: 'f32',
      ...{ m: outputs, n: inputs, k: 'rows' },
      views: [dy, x, dW],
    }),
    {
      kernel: columns.columnSums(outputs, format),
      views: [parts.params(0), dy, columnParts],
      groups: () => grid(columns.columnGroups(outputs)),
      work: (rows) => ({ operations: rows * outputs, bytes: BYTES[format] * rows * outputs }),
    },
    addColumns(parts, outputs, outputs, 0, parts.slice(gradient, names[1], index)),
  ];
}

/** dResidual += way back of a norm of `x` whose output's gradient stands in `dNormed`; gains and biases too. */
function normBack(
  parts: PassParts,
  weights: Vector,
  [gain, bias]: Pair,
  index: number,
  x: View,
  moments: View,
): OpPlan[] {
  const { config, format, gradient, dNormed, dResidual, dFactor, columnParts } = parts.memory;
  const { width } = config;
  return [
    parts.rowwise(
      layerNormBack(width, format, parts.lanes.row),
      [
        dNormed,
        x,
        moments,
        parts.slice(weights, gain, index),
        dResidual,
        ...(format === 'f16' ? [dFactor] : []),
      ],
      16 + (format === 'f16' ? 2 : 0),
    ),
    {
      kernel: columns.normColumnSums(width),
      views: [parts.params(0), dNormed, x, moments, columnParts],
      groups: () => grid(columns.columnGroups(width)),
      work: (rows) => ({ operations: 6 * rows * width, bytes: 8 * rows * width }),
    },
    addColumns(parts, width, 2 * width, 0, parts.slice(gradient, gain, index)),
    addColumns(parts, width, 2 * width, width, parts.slice(gradient, bias, index)),
  ];
}

function addColumns(parts: PassParts, count: number, stride: number, first: number, out: View): OpPlan {
  return {
    kernel: columns.addColumnParts({ columns: count, stride, first }),
    views: [parts.params(0), parts.memory.columnParts, out],
    groups: () => grid(columns.addGroups(count)),
    work: () => ({ operations: columns.COLUMN_PARTS * count, bytes: 4 * (columns.COLUMN_PARTS + 2) * count }),
  };
}
