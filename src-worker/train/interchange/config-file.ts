import * as v from 'valibot';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../src-shared/model/layout.ts';
import { modelShapeSchema } from '../../../src-shared/profile/schema.ts';
import { MAX_VOCAB } from '../engine/limits.ts';

/** What every model here has in common, in the words of Hugging Face's GPT-2. */
const ARCHITECTURE = {
  model_type: 'gpt2',
  activation_function: 'gelu_new',
  layer_norm_epsilon: 1e-5,
  scale_attn_weights: true,
  scale_attn_by_inverse_layer_idx: false,
  tie_word_embeddings: true,
} as const;

/** config.json: from it `GPT2LMHeadModel` is built. */
export const configJson = ({ layers, width, heads, context, vocab }: ModelConfig, endOfText: number) => ({
  architectures: ['GPT2LMHeadModel'],
  ...ARCHITECTURE,
  vocab_size: vocab,
  n_positions: context,
  n_ctx: context,
  n_embd: width,
  n_layer: layers,
  n_head: heads,
  n_inner: null,
  reorder_and_upcast_attn: false,
  attn_pdrop: 0,
  embd_pdrop: 0,
  resid_pdrop: 0,
  initializer_range: 0.02,
  bos_token_id: endOfText,
  eos_token_id: endOfText,
  use_cache: true,
  torch_dtype: 'float32',
});

/** generation_config.json: how it is sampled where nobody says otherwise. */
export const generationConfigJson = (
  endOfText: number,
  { temperature, topK }: { readonly temperature: number; readonly topK: number },
) => ({
  bos_token_id: endOfText,
  eos_token_id: endOfText,
  pad_token_id: endOfText,
  do_sample: true,
  temperature,
  top_k: topK,
});

/** What a config may leave out stands for GPT-2's own value. */
const fixed = <T extends string | number | boolean>(value: T) => v.optional(v.literal(value), value);

const schema = v.object({
  model_type: v.literal(ARCHITECTURE.model_type),
  activation_function: fixed(ARCHITECTURE.activation_function),
  layer_norm_epsilon: fixed(ARCHITECTURE.layer_norm_epsilon),
  scale_attn_weights: fixed(ARCHITECTURE.scale_attn_weights),
  scale_attn_by_inverse_layer_idx: fixed(ARCHITECTURE.scale_attn_by_inverse_layer_idx),
  tie_word_embeddings: fixed(ARCHITECTURE.tie_word_embeddings),
  vocab_size: modelShapeSchema.entries.vocab,
  n_positions: modelShapeSchema.entries.context,
  n_embd: modelShapeSchema.entries.width,
  n_layer: modelShapeSchema.entries.layers,
  n_head: modelShapeSchema.entries.heads,
  n_inner: v.optional(v.nullable(v.number()), null),
});

/**
 * The model that a config.json describes.
 * @throws {AppError} MODEL_FILE_FOREIGN for one that is no GPT-2 as trained here
 */
export function readConfig(value: unknown): ModelConfig {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    // What stands there is somebody else's text, and may be long.
    const where = v.getDotPath(parsed.issues[0]) ?? 'config.json';
    throw new AppError('MODEL_FILE_FOREIGN', { reason: `${where} says something else` });
  }
  const { n_layer, n_embd, n_head, n_positions, vocab_size, n_inner } = parsed.output;
  if (n_inner !== null && n_inner !== 4 * n_embd)
    throw new AppError('MODEL_FILE_FOREIGN', { reason: `n_inner is ${n_inner}` });
  // What every engine asks of a model; see `checkShape`.
  if (n_embd % 4 !== 0) throw new AppError('MODEL_FILE_FOREIGN', { reason: `n_embd is ${n_embd}` });
  if (vocab_size > MAX_VOCAB)
    throw new AppError('MODEL_FILE_FOREIGN', { reason: `vocab_size is ${vocab_size}` });
  if (n_embd % n_head !== 0)
    throw new AppError('MODEL_FILE_FOREIGN', { reason: `${n_embd} channels have no ${n_head} equal heads` });
  return { layers: n_layer, width: n_embd, heads: n_head, context: n_positions, vocab: vocab_size };
}
