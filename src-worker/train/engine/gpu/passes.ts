import type { ParameterName } from '../../../../src-shared/model/layout.ts';
import type { View } from './arena.ts';
import { type HeadRun, type LayerMemory, type Memory, PLACE_BYTES, type Vector, within } from './memory.ts';
import type { OpPlan } from './pipelines.ts';
import { paddedVocab, type Slice } from './placement.ts';
import * as attend from './wgsl/attention.ts';
import * as columns from './wgsl/columns.ts';
import { embed, embedBackPositions, embedBackTokens } from './wgsl/embed.ts';
import { type Epilogue, type Form, gemm, gemmGroups, type Tiling } from './wgsl/gemm.ts';
import { crossEntropy, lossSum } from './wgsl/head.ts';
import { grid, type Kernel } from './wgsl/kernel.ts';
import { layerNorm, layerNormBack } from './wgsl/norm.ts';

/** A product whose rows are those of a micro-batch or of a run of the head. */
interface Product {
  readonly form: Form;
  readonly epilogue: Epilogue;
  readonly m: number | 'rows';
  readonly n: number;
  readonly k: number | 'rows';
  readonly ld?: { readonly a?: number; readonly c?: number };
  /** A, B, C, then what the epilogue needs. */
  readonly views: readonly View[];
}

/** Rows of a micro-batch that fall to a run of the head. */
export const rowsInRun = ({ first, rows }: HeadRun, all: number): number =>
  Math.max(0, Math.min(rows, all - first));

/**
 * The model's passes as lists of dispatches over fixed buffers. `weights` are the parameters or the base that lies beside
 * them; the order is that of the reference.
 */
export class Passes {
  readonly #memory: Memory;
  readonly #tiling: Tiling;
  readonly #shape: attend.AttentionShape;

  constructor(memory: Memory, tiling: Tiling) {
    this.#memory = memory;
    this.#tiling = tiling;
    const { heads, width, context } = memory.config;
    this.#shape = { heads, context, depth: width / heads };
  }

  forward(weights: Vector): OpPlan[] {
    const { config, layers, residual, final, momentsFinal, ids, placement } = this.#memory;
    const { width, context } = config;
    const wpe = this.#slice(weights, 'wpe');
    const plans = this.#shards().map((shard) =>
      this.#rowwise(embed({ width, context, ...tokensOf(shard, placement.shardTokens, width) }), [
        ids,
        weights.slice(shard),
        wpe,
        layers[0]!.before,
      ]),
    );
    layers.forEach((layer, index) => {
      plans.push(...this.#layerForward(weights, layer, index, layers[index + 1]?.before ?? residual));
    });
    plans.push(this.#norm(weights, ['lnfw', 'lnfb'], 0, [residual, final, momentsFinal]));
    return plans;
  }

  #layerForward(weights: Vector, layer: LayerMemory, index: number, after: View): OpPlan[] {
    const { width } = this.#memory.config;
    const linear = (
      names: Pair,
      inputs: number,
      outputs: number,
      epilogue: Epilogue,
      x: View,
      y: View,
      ...more: View[]
    ) =>
      this.#product({
        form: 'NT',
        epilogue,
        ...{ m: 'rows', n: outputs, k: inputs },
        views: [x, this.#slice(weights, names[0], index), y, this.#slice(weights, names[1], index), ...more],
      });
    return [
      this.#norm(weights, ['ln1w', 'ln1b'], index, [layer.before, layer.ln1, layer.moments1]),
      linear(['qkvw', 'qkvb'], width, 3 * width, 'bias', layer.ln1, layer.qkv),
      this.#attention(attend.attention(this.#shape), [layer.qkv, layer.attended, layer.lse], 2),
      linear(['attprojw', 'attprojb'], width, width, 'residual', layer.attended, layer.middle, layer.before),
      this.#norm(weights, ['ln2w', 'ln2b'], index, [layer.middle, layer.ln2, layer.moments2]),
      linear(['fcw', 'fcb'], width, 4 * width, 'gelu', layer.ln2, layer.wide, layer.active),
      linear(['fcprojw', 'fcprojb'], 4 * width, width, 'residual', layer.active, after, layer.middle),
    ];
  }

  /** A run's logits and the losses of its rows; with `isTrained` also what flows back into `final` and the embedding. */
  head(
    weights: Vector,
    run: HeadRun,
    index: number,
    { isTrained }: { readonly isTrained: boolean },
  ): OpPlan[] {
    const { config, final, logits, losses, targets, dNormed, gradient } = this.#memory;
    const { width, vocab } = config;
    const stride = paddedVocab(vocab);
    const params = this.#params(1 + index);
    const own = (view: View, elementsPerRow: number) =>
      within(view, 4 * run.first * elementsPerRow, 4 * run.rows * elementsPerRow);
    const x = own(final, width);
    const shards = this.#shards().map((slice) => {
      const { firstToken, tokens } = this.#columnsOf(slice);
      return { slice, tokens, columns: within(logits, 4 * firstToken, logits.size - 4 * firstToken) };
    });
    const plans = shards.map(({ slice, tokens, columns: c }) =>
      this.#product(
        {
          form: 'NT',
          epilogue: 'set',
          m: 'rows',
          n: tokens,
          k: width,
          ld: { c: stride },
          views: [x, weights.slice(slice), c],
        },
        params,
      ),
    );
    plans.push({
      kernel: crossEntropy({ vocab, stride, isTrained }),
      views: [params, own(targets, 1), logits, own(losses, 1)],
      groups: (rows) => grid(rows),
      work: (rows) => rows * vocab * 10,
    });
    if (!isTrained) return plans;
    shards.forEach(({ slice, tokens, columns: a }, i) => {
      const epilogue = i === 0 ? 'set' : 'add';
      const views = [a, weights.slice(slice), own(dNormed, width)];
      plans.push(
        this.#product(
          { form: 'NN', epilogue, m: 'rows', n: width, k: tokens, ld: { a: stride }, views },
          params,
        ),
      );
      const into = [a, x, gradient.slice(slice)];
      plans.push(
        this.#product(
          { form: 'TN', epilogue: 'add', m: tokens, n: width, k: 'rows', ld: { a: stride }, views: into },
          params,
        ),
      );
    });
    return plans;
  }

  /** Adds a micro-batch's losses up, once all runs of the head are through. */
  lossSum(): OpPlan {
    const { losses, lossSlots } = this.#memory;
    return {
      kernel: lossSum(),
      views: [this.#params(0), losses, lossSlots],
      groups: () => [1, 1],
      work: (rows) => rows,
    };
  }

  /** From what flows back into the last norm (`dNormed`) to the embeddings. `dResidual` is zero at the start. */
  backward(weights: Vector): OpPlan[] {
    const {
      config,
      layers,
      residual,
      momentsFinal,
      gradient,
      dResidual,
      distinct,
      starts,
      order,
      placement,
    } = this.#memory;
    const { width, context } = config;
    const plans = this.#normBack(weights, ['lnfw', 'lnfb'], 0, residual, momentsFinal);
    for (let index = layers.length - 1; index >= 0; index -= 1)
      plans.push(...this.#layerBackward(weights, layers[index]!, index));
    for (const shard of this.#shards())
      plans.push({
        kernel: embedBackTokens({ width, ...tokensOf(shard, placement.shardTokens, width) }),
        views: [distinct, starts, order, dResidual, gradient.slice(shard)],
        groups: (rows) => grid(rows),
        work: (rows) => rows * width,
      });
    plans.push({
      kernel: embedBackPositions({ width, context }),
      views: [this.#params(0), dResidual, this.#slice(gradient, 'wpe')],
      groups: () => grid(context),
      work: (rows) => rows * width,
    });
    return plans;
  }

  #layerBackward(weights: Vector, layer: LayerMemory, index: number): OpPlan[] {
    const { config, dResidual, dNormed, dAttended, dQkv, dWide, delta } = this.#memory;
    const { width } = config;
    const back = (names: Pair, dy: View, outputs: number, x: View, inputs: number, dx: View, wide?: View) =>
      this.#linearBack(weights, names, index, { dy, outputs, x, inputs, dx, wide });
    const flow = [layer.qkv, dAttended, layer.lse, delta, dQkv];
    return [
      ...back(['fcprojw', 'fcprojb'], dResidual, width, layer.active, 4 * width, dWide, layer.wide),
      ...back(['fcw', 'fcb'], dWide, 4 * width, layer.ln2, width, dNormed),
      ...this.#normBack(weights, ['ln2w', 'ln2b'], index, layer.middle, layer.moments2),
      ...back(['attprojw', 'attprojb'], dResidual, width, layer.attended, width, dAttended),
      {
        kernel: attend.attentionDelta(this.#shape),
        views: [this.#params(0), dAttended, layer.attended, delta],
        groups: (rows) => grid(attend.deltaGroups(this.#shape, rows)),
        work: (rows) => 2 * rows * width,
      },
      this.#attention(attend.attentionBackQueries(this.#shape), flow, 3),
      this.#attention(attend.attentionBackKeys(this.#shape), flow, 4),
      ...back(['qkvw', 'qkvb'], dQkv, 3 * width, layer.ln1, width, dNormed),
      ...this.#normBack(weights, ['ln1w', 'ln1b'], index, layer.before, layer.moments1),
    ];
  }

  /** dx = dy W (times gelu' of `wide`); dW += dy^T x; db += column sums of dy. */
  #linearBack(
    weights: Vector,
    names: Pair,
    index: number,
    { dy, outputs, x, inputs, dx, wide }: LinearFlow,
  ): OpPlan[] {
    const { gradient, columnParts } = this.#memory;
    const w = this.#slice(weights, names[0], index);
    const dW = this.#slice(gradient, names[0], index);
    return [
      this.#product({
        form: 'NN',
        epilogue: wide ? 'geluSlope' : 'set',
        ...{ m: 'rows', n: inputs, k: outputs },
        views: [dy, w, dx, ...(wide ? [wide] : [])],
      }),
      this.#product({ form: 'TN', epilogue: 'add', m: outputs, n: inputs, k: 'rows', views: [dy, x, dW] }),
      {
        kernel: columns.columnSums(outputs),
        views: [this.#params(0), dy, columnParts],
        groups: () => grid(columns.columnGroups(outputs)),
        work: (rows) => rows * outputs,
      },
      this.#addColumns(outputs, outputs, 0, this.#slice(gradient, names[1], index)),
    ];
  }

  /** dResidual += way back of a norm of `x` whose output's gradient stands in `dNormed`; gains and biases too. */
  #normBack(weights: Vector, [gain, bias]: Pair, index: number, x: View, moments: View): OpPlan[] {
    const { config, gradient, dNormed, dResidual, columnParts } = this.#memory;
    const { width } = config;
    return [
      this.#rowwise(layerNormBack(width), [
        dNormed,
        x,
        moments,
        this.#slice(weights, gain, index),
        dResidual,
      ]),
      {
        kernel: columns.normColumnSums(width),
        views: [this.#params(0), dNormed, x, moments, columnParts],
        groups: () => grid(columns.columnGroups(width)),
        work: (rows) => 6 * rows * width,
      },
      this.#addColumns(width, 2 * width, 0, this.#slice(gradient, gain, index)),
      this.#addColumns(width, 2 * width, width, this.#slice(gradient, bias, index)),
    ];
  }

  #addColumns(count: number, stride: number, first: number, out: View): OpPlan {
    return {
      kernel: columns.addColumnParts({ columns: count, stride, first }),
      views: [this.#memory.columnParts, out],
      groups: () => grid(columns.addGroups(count)),
      work: () => 32 * count,
    };
  }

  #norm(
    weights: Vector,
    [gain, bias]: Pair,
    index: number,
    [x, y, moments]: readonly [View, View, View],
  ): OpPlan {
    const { width } = this.#memory.config;
    const own = [this.#slice(weights, gain, index), this.#slice(weights, bias, index)];
    return this.#rowwise(layerNorm(width), [x, ...own, y, moments]);
  }

  /** A workgroup a row. */
  #rowwise(kernel: Kernel, views: readonly View[]): OpPlan {
    const { width } = this.#memory.config;
    return {
      kernel,
      views: [this.#params(0), ...views],
      groups: (rows) => grid(rows),
      work: (rows) => 8 * rows * width,
    };
  }

  /** @param products of depth with depth that each pair of positions takes */
  #attention(kernel: Kernel, views: readonly View[], products: number): OpPlan {
    const { width, context } = this.#memory.config;
    return {
      kernel,
      views: [this.#params(0), ...views],
      groups: (rows) => grid(attend.attentionGroups(this.#shape, rows / context)),
      work: (rows) => products * rows * context * width,
    };
  }

  #product({ form, epilogue, m, n, k, ld, views }: Product, params = this.#params(0)): OpPlan {
    const a = { NT: k, NN: k, TN: m }[form];
    const b = { NT: k, NN: n, TN: n }[form];
    const lda = ld?.a ?? (a as number);
    const shape = { form, epilogue, m, n, k, lda, ldb: b as number, ldc: ld?.c ?? n };
    return {
      kernel: gemm(shape, this.#tiling),
      views: [params, ...views],
      groups: (rows) => gemmGroups(shape, this.#tiling, m === 'rows' ? rows : m),
      work: (rows) => 2 * (m === 'rows' ? rows : m) * n * (k === 'rows' ? rows : k),
    };
  }

  #params(index: number): View {
    return within(this.#memory.params, index * PLACE_BYTES, 16);
  }

  #slice(vector: Vector, name: ParameterName, index = 0): View {
    const { slices } = this.#memory.placement;
    return vector.slice(slices.find((slice) => slice.name === name && slice.index === index)!);
  }

  #shards(): Slice[] {
    return this.#memory.placement.slices.filter(({ name }) => name === 'wte');
  }

  /** A shard's columns of the logits: its tokens with padding. */
  #columnsOf({ index, padded }: Slice): { firstToken: number; tokens: number } {
    const { config, placement } = this.#memory;
    return { firstToken: index * placement.shardTokens, tokens: padded / config.width };
  }
}

type Pair = readonly [ParameterName, ParameterName];

interface LinearFlow {
  readonly dy: View;
  readonly outputs: number;
  readonly x: View;
  readonly inputs: number;
  readonly dx: View;
  readonly wide: View | undefined;
}

const tokensOf = ({ index, length }: Slice, shardTokens: number, width: number) => ({
  firstToken: index * shardTokens,
  tokens: length / width,
});
