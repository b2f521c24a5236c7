import type { ParameterName } from '../../../../../src-shared/model/layout.ts';
import { type Memory, PLACE_BYTES, type Vector, within } from '../memory.ts';
import type { OpPlan } from '../pipelines.ts';
import type { Slice } from '../placement.ts';
import type { View } from '../tally.ts';
import { type AttentionShape, attentionGroups } from '../wgsl/attention.ts';
import { BYTES, type Format } from '../wgsl/format.ts';
import { type Epilogue, type GemmShape, gemm, gemmGroups, type Tiling } from '../wgsl/gemm.ts';
import { CARD_LANES, grid, type Kernel, type Lanes, PARAMS_BYTES } from '../wgsl/kernel.ts';
import type { Form } from '../wgsl/products.ts';

/** A product whose rows are those of a micro-batch or of a run of the head. */
export interface Product {
  readonly form: Form;
  readonly epilogue: Epilogue;
  readonly m: number | 'rows';
  readonly n: number;
  readonly k: number | 'rows';
  readonly ld?: { readonly a?: number; readonly c?: number };
  /** Of C and what lies beside it. */
  readonly result: Format;
  /** A, B, C, then what the epilogue needs. */
  readonly views: readonly View[];
}

/** Two tensors that go together: a matrix or gain, and its bias. */
export type Pair = readonly [ParameterName, ParameterName];

/** What the model's passes are put together from: dispatches over the fixed buffers of one engine. */
export class PassParts {
  readonly memory: Memory;
  readonly shape: AttentionShape;
  readonly lanes: Lanes;
  readonly #tilingOf: (shape: GemmShape) => Tiling;

  constructor(memory: Memory, tilingOf: (shape: GemmShape) => Tiling, lanes = CARD_LANES) {
    this.memory = memory;
    this.lanes = lanes;
    this.#tilingOf = tilingOf;
    const { heads, width, context } = memory.config;
    this.shape = { heads, context, depth: width / heads, format: memory.format };
  }

  /** What a kernel binds: with the flag, where it stores numbers that may not fit. */
  flagged({ access }: Kernel, views: readonly View[]): readonly View[] {
    return access.at(-1) === 'flag' ? [...views, this.memory.overflow] : views;
  }

  /**
   * A workgroup a row.
   * @param bytes that go over memory for each channel of a row
   */
  rowwise(kernel: Kernel, views: readonly View[], bytes: number): OpPlan {
    const { width } = this.memory.config;
    return {
      kernel,
      views: this.flagged(kernel, [this.params(0), ...views]),
      groups: (rows) => grid(rows),
      work: (rows) => ({ operations: 8 * rows * width, bytes: bytes * rows * width }),
    };
  }

  /** @param products of depth with depth that each pair of positions takes */
  attention(kernel: Kernel, views: readonly View[], products: number): OpPlan {
    const { width, context } = this.memory.config;
    return {
      kernel,
      views: this.flagged(kernel, [this.params(0), ...views]),
      groups: (rows) => grid(attentionGroups(this.shape, rows / context)),
      work: (rows) => ({
        operations: products * rows * context * width,
        // Queries, keys, values and what comes out; on the way back what flows in as well.
        bytes: rows * width * (4 * BYTES[this.memory.format] + 4),
      }),
    };
  }

  product({ form, epilogue, m, n, k, ld, result, views }: Product, params = this.params(0)): OpPlan {
    const a = { NT: k, NN: k, TN: m }[form];
    const b = { NT: k, NN: n, TN: n }[form];
    const lda = ld?.a ?? (a as number);
    const factors = this.memory.format;
    const shape = { form, epilogue, m, n, k, lda, ldb: b as number, ldc: ld?.c ?? n, factors, result };
    const tiling = this.#tilingOf(shape);
    const kernel = gemm(shape, tiling);
    // What an epilogue reads or writes beside C is as large as C.
    const results = epilogue === 'set' || epilogue === 'bias' ? 1 : 2;
    const at = (size: number | 'rows', rows: number) => (size === 'rows' ? rows : size);
    return {
      kernel,
      views: this.flagged(kernel, [params, ...views]),
      groups: (rows) => gemmGroups(shape, tiling, at(m, rows)),
      work: (rows) => {
        const [high, deep] = [at(m, rows), at(k, rows)];
        return {
          operations: 2 * high * n * deep,
          bytes: BYTES[factors] * (high + n) * deep + BYTES[result] * results * high * n,
        };
      },
    };
  }

  params(index: number): View {
    return within(this.memory.params, index * PLACE_BYTES, PARAMS_BYTES);
  }

  slice(vector: Vector, name: ParameterName, index = 0): View {
    const { slices } = this.memory.placement;
    return vector.slice(slices.find((slice) => slice.name === name && slice.index === index)!);
  }

  shards(): Slice[] {
    return this.memory.placement.slices.filter(({ name }) => name === 'wte');
  }

  /** A shard's columns of the logits: its tokens with padding. */
  columnsOf({ index, padded }: Slice): { firstToken: number; tokens: number } {
    const { config, placement } = this.memory;
    return { firstToken: index * placement.shardTokens, tokens: padded / config.width };
  }
  /** First token and number of tokens of a shard, without padding. */
  tokensOf({ index, length }: Slice): { firstToken: number; tokens: number } {
    const { config, placement } = this.memory;
    return { firstToken: index * placement.shardTokens, tokens: length / config.width };
  }
}
