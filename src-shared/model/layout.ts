/** Shape of the model: a pre-LN GPT-2 with tied embeddings, biases, tanh-GELU and no dropout. */
export type ModelConfig = {
  readonly layers: number;
  /** Channels of the residual stream; a multiple of `heads`. */
  readonly width: number;
  readonly heads: number;
  /** Tokens per sequence. */
  readonly context: number;
  /** Rows of the embedding, padding included. */
  readonly vocab: number;
};

export const PARAMETER_NAMES = [
  'wte',
  'wpe',
  'ln1w',
  'ln1b',
  'qkvw',
  'qkvb',
  'attprojw',
  'attprojb',
  'ln2w',
  'ln2b',
  'fcw',
  'fcb',
  'fcprojw',
  'fcprojb',
  'lnfw',
  'lnfb',
] as const;

export type ParameterName = (typeof PARAMETER_NAMES)[number];

/** One of the 16 tensors; layers are stacked in its first dimension. `offset` and `length` count elements. */
export type ParameterTensor = {
  readonly name: ParameterName;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
  /** Whether weight decay applies: matrices and embeddings, neither biases nor norms. */
  readonly decay: boolean;
};

/**
 * The 16 parameter tensors in llm.c's order over one flat vector without gaps. Matrices are stored
 * `[layer, output, input]`, so that `y = x W^T + b`; `wte` is the output head as well.
 */
export function parameterLayout(config: ModelConfig): readonly ParameterTensor[] {
  const { layers: l, width: c, context: t, vocab: v } = config;
  const shapes: Record<ParameterName, readonly number[]> = {
    wte: [v, c],
    wpe: [t, c],
    ln1w: [l, c],
    ln1b: [l, c],
    qkvw: [l, 3 * c, c],
    qkvb: [l, 3 * c],
    attprojw: [l, c, c],
    attprojb: [l, c],
    ln2w: [l, c],
    ln2b: [l, c],
    fcw: [l, 4 * c, c],
    fcb: [l, 4 * c],
    fcprojw: [l, c, 4 * c],
    fcprojb: [l, c],
    lnfw: [c],
    lnfb: [c],
  };
  let offset = 0;
  return PARAMETER_NAMES.map((name) => {
    const shape = shapes[name];
    const length = shape.reduce((product, size) => product * size, 1);
    const tensor = { name, shape, offset, length, decay: isDecayed(name) };
    offset += length;
    return tensor;
  });
}

/** Elements of the flat vector. */
export function parameterCount(config: ModelConfig): number {
  const last = parameterLayout(config).at(-1)!;
  return last.offset + last.length;
}

function isDecayed(name: ParameterName): boolean {
  return name === 'wte' || name === 'wpe' || (name.endsWith('w') && !name.startsWith('ln'));
}
