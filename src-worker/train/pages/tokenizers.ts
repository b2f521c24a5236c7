import type { Consensus } from '../../../src-shared/profile/schema.ts';

export type TokenizerName = Consensus['tokenizer'];

export const GPT2_VOCAB = 50_257;
export const GPT2_END_OF_TEXT = 50_256;
/** Ranks below this stay; the id itself is the end of text. */
export const PRACTICE_END_OF_TEXT = 4_095;

/** The id of the end of text, which is also the number of tokens that spell something. */
export const endOfTextOf = (tokenizer: TokenizerName): number =>
  tokenizer === 'gpt2' ? GPT2_END_OF_TEXT : PRACTICE_END_OF_TEXT;
