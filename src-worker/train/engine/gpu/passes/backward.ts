import type { ParameterName } from '../../../../../src-shared/model/layout.ts';
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

/** From what flows back into the last norm (`dNormed`) to the embeddings. */
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
  const last: Norm = { names: ['lnfw', 'lnfb'], index: 0, x: residual, moments: momentsFinal };
  const plans = [...columnSums(parts, [], last), normBack(parts, weights, last, { isFirst: true })];
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
  const back = (
    weight: ParameterName,
    dy: View,
    outputs: number,
    x: View,
    inputs: number,
    dx: View,
    wide?: View,
  ) => linearBack(parts, weights, weight, index, { dy, outputs, x, inputs, dx, wide });
  const ln2: Norm = { names: ['ln2w', 'ln2b'], index, x: layer.middle, moments: layer.moments2 };
  const ln1: Norm = { names: ['ln1w', 'ln1b'], index, x: layer.before, moments: layer.moments1 };
  const { qkv, attended, lse } = layer;
  return [
    ...back('fcprojw', dFactor, width, layer.active, 4 * width, dWide, layer.wide),
    ...back('fcw', dWide, 4 * width, layer.ln2, width, dNormed),
    ...columnSums(
      parts,
      [
        { name: 'fcprojb', dy: dFactor, outputs: width },
        { name: 'fcb', dy: dWide, outputs: 4 * width },
      ],
      ln2,
    ),
    normBack(parts, weights, ln2),
    ...back('attprojw', dFactor, width, attended, width, dAttended),
    parts.attention(
      attend.attentionBackQueries(parts.shape),
      [qkv, attended, dAttended, lse, delta, dQkv],
      3,
    ),
    parts.attention(attend.attentionBackKeys(parts.shape), [qkv, dAttended, lse, delta, dQkv], 4),
    ...back('qkvw', dQkv, 3 * width, layer.ln1, width, dNormed),
    ...columnSums(
      parts,
      [
        { name: 'attprojb', dy: dFactor, outputs: width },
        { name: 'qkvb', dy: dQkv, outputs: 3 * width },
      ],
      ln1,
    ),
    normBack(parts, weights, ln1),
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

/** dx = dy W (times gelu' of `wide`); dW += dy^T x. */
function linearBack(
  parts: PassParts,
  weights: Vector,
  name: ParameterName,
  index: number,
  { dy, outputs, x, inputs, dx, wide }: LinearFlow,
): OpPlan[] {
  const { gradient, format } = parts.memory;
  const w = parts.slice(weights, name, index);
  const dW = parts.slice(gradient, name, index);
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
  ];
}

/** A norm whose output's gradient stands in `dNormed`. */
interface Norm {
  readonly names: Pair;
  readonly index: number;
  readonly x: View;
  readonly moments: View;
}

/** dResidual += way back of a norm. */
function normBack(
  parts: PassParts,
  weights: Vector,
  { names, index, x, moments }: Norm,
  { isFirst = false } = {},
): OpPlan {
  const { config, format, dNormed, dResidual, dFactor } = parts.memory;
  const { width } = config;
  const gain = parts.slice(weights, names[0], index);
  return parts.rowwise(
    layerNormBack({ width, format, lanes: parts.lanes.row, isFirst }),
    [dNormed, x, moments, gain, dResidual, ...(format === 'f16' ? [dFactor] : [])],
    (isFirst ? 12 : 16) + (format === 'f16' ? 2 : 0),
  );
}

/** What flows back into a product with a bias, of the layer that the norm is of. */
interface BiasFlow {
  readonly name: ParameterName;
  readonly dy: View;
  readonly outputs: number;
}

/** The gradients of some biases and of a norm's gain and bias, all that they come of being there. */
function columnSums(
  parts: PassParts,
  flows: readonly BiasFlow[],
  { names, index, x, moments }: Norm,
): OpPlan[] {
  const { config, format, gradient, dNormed, columnParts } = parts.memory;
  const outs = [...flows.map(({ name }) => name), ...names].map((name) => parts.slice(gradient, name, index));
  const { width } = config;
  const sums = { biases: flows.map(({ outputs }) => outputs), width };
  const all = columns.sumsOf(sums);
  const biases = all - 2 * width;
  return [
    {
      kernel: columns.columnSums(sums, format),
      views: [parts.params(0), ...flows.map(({ dy }) => dy), dNormed, x, moments, columnParts],
      groups: () => grid(columns.columnGroups(sums)),
      work: (rows) => ({
        operations: rows * (biases + 6 * width),
        bytes: rows * (BYTES[format] * biases + 8 * width),
      }),
    },
    {
      kernel: columns.addColumnParts(sums),
      views: [parts.params(0), columnParts, ...outs],
      groups: () => grid(columns.addGroups(sums)),
      work: () => ({ operations: columns.COLUMN_PARTS * all, bytes: 4 * (columns.COLUMN_PARTS + 2) * all }),
    },
  ];
}
