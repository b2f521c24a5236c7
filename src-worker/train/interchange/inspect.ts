import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as v from 'valibot';
import { inSlices } from '../../../src-node/portions.ts';
import type { ParamsOf, ResultOf } from '../../../src-shared/contract/child.ts';
import type { ModelContract } from '../../../src-shared/contract/model.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { jsonParts } from '../../../src-shared/model/json-parts.ts';
import { type ModelConfig, parameterCount } from '../../../src-shared/model/layout.ts';
import { createCpuEngine } from '../engine/cpu/create.ts';
import { EVALUATION_SLICE_WINDOWS } from '../limits.ts';
import { heldOutSlices } from '../loop/evaluate.ts';
import { encodeDocument, MAX_PRE_TOKEN_BYTES } from '../pages/gpt2.ts';
import { splitIntoPractice } from '../pages/practice-vocabulary.ts';
import { endOfTextOf, type TokenizerName } from '../pages/tokenizers.ts';
import { SAMPLING } from '../sample/sampling.ts';
import { gpt2Spelling } from '../sample/spelling.ts';
import { demandRoom, writeText } from '../sample/write-text.ts';
import { parseJson } from '../state/current.ts';
import { readSmall } from '../state/files.ts';
import {
  EVALUATED_PARAMETERS_MAX,
  INSPECTED_WINDOWS,
  TOKENIZER_BYTES_MAX,
  TOKENIZER_PARTS_MAX,
} from './limits.ts';
import { flatOf, folderOf, withModelFolder } from './model-folder.ts';
import { vocabularyOf } from './tokenizer-files.ts';

type Asked = ParamsOf<ModelContract, 'inspectModel'>;

/**
 * What a model of anybody is, how well it foretells the held-out text, and how it goes on with a text.
 * @throws {AppError} MODEL_TEXT_REFUSED, and what the folder is refused for
 */
export async function inspectModel(
  asked: Asked,
  heldOut: () => Promise<Uint16Array>,
  signal: AbortSignal,
): Promise<ResultOf<ModelContract, 'inspectModel'>> {
  const path = folderOf(asked.path);
  return withModelFolder(path, async (config, weights) => {
    const tokenizer = await tokenizerIn(path, config);
    const prompt = tokenizer && asked.begin !== null ? promptOf(asked.begin, tokenizer, config) : null;
    const flat = await flatOf(config, weights, signal);
    return {
      model: config,
      parameters: flat.length,
      dtypes: [...weights.dtypes],
      tokenizer,
      heldOut:
        tokenizer === 'practice-4096' ? await heldOutLoss(config, flat, await heldOut(), signal) : null,
      written:
        tokenizer && prompt ? await goneOn(config, flat, { ...asked, prompt, tokenizer }, signal) : null,
    };
  });
}

type Table = Readonly<Record<string, unknown>>;

/** The table is compared, token by token, with the one that it must be: that says more of it than a schema. */
const tokenizerSchema = v.object({
  model: v.object({
    vocab: v.custom<Table>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  }),
});

/** Known by all its tokens, not by their number; null for one that is not. What takes long is done in portions. */
export async function tokenizerIn(path: string, { vocab }: ModelConfig): Promise<TokenizerName | null> {
  const text = await readSmall(join(path, 'tokenizer.json'), TOKENIZER_BYTES_MAX);
  if (text === null || jsonParts(text) > TOKENIZER_PARTS_MAX) return null;
  await setImmediate();
  const parsed = v.safeParse(tokenizerSchema, parseJson(text));
  if (!parsed.success) return null;
  await setImmediate();
  const found = parsed.output.model.vocab;
  const size = Object.keys(found).length;
  const name = (['practice-4096', 'gpt2'] as const).find((one) => size === endOfTextOf(one) + 1);
  if (!name || vocab < size) return null;
  await setImmediate();
  return vocabularyOf(name).every((token, id) => found[token] === id) ? name : null;
}

/** null for a model that the processor's engine would take too long for, or too much memory. */
async function heldOutLoss(
  config: ModelConfig,
  flat: Float32Array,
  heldOut: Uint16Array,
  signal: AbortSignal,
): Promise<{ loss: number; tokens: number } | null> {
  if (parameterCount(config) > EVALUATED_PARAMETERS_MAX) return null;
  const engine = await createCpuEngine(config, {
    maxSequences: EVALUATION_SLICE_WINDOWS,
    threads: 1,
    isInline: false,
    signal,
  });
  try {
    await engine.load(flat);
    let sum = 0;
    let tokens = 0;
    for (const batch of heldOutSlices(heldOut, config.context, INSPECTED_WINDOWS)) {
      signal.throwIfAborted();
      const [loss] = await engine.losses([batch]);
      sum += loss! * batch.ids.length;
      tokens += batch.ids.length;
    }
    return { loss: sum / tokens, tokens };
  } finally {
    await engine.dispose();
  }
}

/** A text in a model's tokens. @throws {AppError} MODEL_TEXT_REFUSED */
export function promptOf(begin: string, tokenizer: TokenizerName, config: ModelConfig): ArrayLike<number> {
  const encoded = encodeDocument(begin);
  if (!encoded)
    throw new AppError('MODEL_TEXT_REFUSED', {
      reason: `it has a stretch of more than ${MAX_PRE_TOKEN_BYTES} bytes without a break`,
    });
  const prompt = tokenizer === 'gpt2' ? encoded : splitIntoPractice(encoded);
  demandRoom(prompt, config);
  return prompt;
}

async function goneOn(
  config: ModelConfig,
  flat: Float32Array,
  {
    prompt,
    tokenizer,
    tokens,
    seed,
  }: Asked & {
    readonly prompt: ArrayLike<number>;
    readonly tokenizer: TokenizerName;
  },
  signal: AbortSignal,
): Promise<string> {
  const wanted = {
    prompt,
    tokens,
    sampling: SAMPLING,
    seed: `butterfly/sample/${seed}`,
    endOfText: endOfTextOf(tokenizer),
  };
  return gpt2Spelling().text(await inSlices(writeText({ config, flat }, wanted), signal));
}
