import { type ModelConfig, type ParameterName, parameterLayout } from './layout.ts';

/** A tensor under the name that Hugging Face's `GPT2LMHeadModel` has for it, and where it lies in the flat vector. */
export interface Gpt2Tensor {
  readonly name: string;
  /** As it lies in a file: `transposed` says of a matrix that ours is the other way round. */
  readonly shape: readonly number[];
  /** First element in the flat vector. */
  readonly offset: number;
  readonly length: number;
  /** Ours is `[output, input]`; what they call Conv1D is `[input, output]`. */
  readonly transposed: boolean;
}

/** Names within a layer, by ours. Query, key and value stand one behind the other along the outputs in both. */
const LAYER_NAMES: readonly (readonly [ParameterName, string])[] = [
  ['ln1w', 'ln_1.weight'],
  ['ln1b', 'ln_1.bias'],
  ['qkvw', 'attn.c_attn.weight'],
  ['qkvb', 'attn.c_attn.bias'],
  ['attprojw', 'attn.c_proj.weight'],
  ['attprojb', 'attn.c_proj.bias'],
  ['ln2w', 'ln_2.weight'],
  ['ln2b', 'ln_2.bias'],
  ['fcw', 'mlp.c_fc.weight'],
  ['fcb', 'mlp.c_fc.bias'],
  ['fcprojw', 'mlp.c_proj.weight'],
  ['fcprojb', 'mlp.c_proj.bias'],
];

const ROOT = 'transformer.';

/**
 * Tensors that some writers add and that hold no weights: masks that follow from the context. The output head is the
 * embedding once more.
 */
export const isDerived = (name: string): boolean =>
  /^(?:transformer\.)?h\.\d{1,4}\.attn\.(?:masked_)?bias$/.test(name);
export const OUTPUT_HEAD = 'lm_head.weight';

/** The name with its root, which the files of the first GPT-2 models lack. */
export const rooted = (name: string): string =>
  name === OUTPUT_HEAD || name.startsWith(ROOT) ? name : `${ROOT}${name}`;

/**
 * All tensors of a model in the order in which their model lists them. The head is tied to `wte`, so it has none of its
 * own. Rows of `wte` that only pad the vocabulary are tensors like others: training's softmax counts them, so a model
 * without them would have another loss.
 */
export function gpt2Tensors(config: ModelConfig): readonly Gpt2Tensor[] {
  const byName = new Map(parameterLayout(config).map((tensor) => [tensor.name, tensor]));
  const whole = (ours: ParameterName, name: string): Gpt2Tensor => {
    const { shape, offset, length } = byName.get(ours)!;
    return { name: ROOT + name, shape, offset, length, transposed: false };
  };
  const inLayer = (layer: number, ours: ParameterName, name: string): Gpt2Tensor => {
    const { shape, offset, length } = byName.get(ours)!;
    const own = length / config.layers;
    const [, ...rest] = shape;
    return {
      name: `${ROOT}h.${layer}.${name}`,
      shape: rest.toReversed(),
      offset: offset + layer * own,
      length: own,
      transposed: rest.length === 2,
    };
  };
  return [
    whole('wte', 'wte.weight'),
    whole('wpe', 'wpe.weight'),
    ...Array.from({ length: config.layers }, (_, layer) =>
      LAYER_NAMES.map(([ours, name]) => inLayer(layer, ours, name)),
    ).flat(),
    whole('lnfw', 'ln_f.weight'),
    whole('lnfb', 'ln_f.bias'),
  ];
}
