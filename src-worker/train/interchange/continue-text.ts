import { inSlices } from '../../../src-node/portions.ts';
import type { ParamsOf, ResultOf } from '../../../src-shared/contract/child.ts';
import type { ModelContract } from '../../../src-shared/contract/model.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../src-shared/model/layout.ts';
import { stateStems } from '../../../src-shared/published/weight-parts.ts';
import { endOfTextOf, type TokenizerName } from '../pages/tokenizers.ts';
import { gpt2Spelling } from '../sample/spelling.ts';
import { writeText } from '../sample/write-text.ts';
import { promptOf, tokenizerIn } from './inspect.ts';
import { WRITTEN_EVERY_MS } from './limits.ts';
import { configIn } from './model-folder.ts';
import { readVector } from './state-folder.ts';

type Asked = ParamsOf<ModelContract, 'continueText'>;

interface Loaded {
  readonly folder: string;
  readonly config: ModelConfig;
  readonly tokenizer: TokenizerName;
  readonly flat: Float32Array;
}

/**
 * Lets downloaded models go on with texts, one model in memory at a time.
 * @param tell all that was written of the text under way, some times a second; empty once its model is loaded
 * @returns what writes one @throws {AppError} MODEL_TEXT_REFUSED, and what the folder is refused for
 */
export function openContinuing(
  tell: (text: string) => void,
): (asked: Asked, signal: AbortSignal) => Promise<ResultOf<ModelContract, 'continueText'>> {
  let loaded: Loaded | null = null;

  return async ({ folder, text, tokens, temperature, topK, seed }, signal) => {
    if (loaded?.folder !== folder) {
      // The one before goes first: two may be more than there is memory for.
      loaded = null;
      loaded = await load(folder, signal);
    }
    const { config, tokenizer, flat } = loaded;
    const prompt = promptOf(text, tokenizer, config);
    const spelling = gpt2Spelling();
    const written: number[] = [];
    let toldAtMs = performance.now();
    tell('');
    const wanted = {
      ...{ prompt, tokens, sampling: { temperature, topK } },
      ...{ seed: `butterfly/sample/${seed}`, endOfText: endOfTextOf(tokenizer) },
      seen(token: number) {
        written.push(token);
        if (performance.now() - toldAtMs < WRITTEN_EVERY_MS) return;
        toldAtMs = performance.now();
        tell(spelling.text(written));
      },
    };
    return { text: spelling.text(await inSlices(writeText({ config, flat }, wanted), signal)) };
  };
}

async function load(folder: string, signal: AbortSignal): Promise<Loaded> {
  const config = await configIn(folder);
  const tokenizer = await tokenizerIn(folder, config);
  if (!tokenizer)
    throw new AppError('MODEL_FILE_FOREIGN', { reason: 'its tokenizer.json is none that Butterfly knows' });
  return { folder, config, tokenizer, flat: await readVector(folder, stateStems.base, config, { signal }) };
}
