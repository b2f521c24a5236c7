import { gpt2BytePairs } from './byte-pairs.ts';
import { GPT2_END_OF_TEXT, GPT2_VOCAB, PRACTICE_END_OF_TEXT } from './tokenizers.ts';

/**
 * GPT-2's vocabulary cut down to its first merges. Merges apply in rank order, so a token above the cut is
 * what its own merge tree says: its two halves, and theirs, until all lie below the cut.
 */
export type PracticeVocabulary = { readonly splits: readonly (readonly number[])[] };

export function practiceVocabulary(): PracticeVocabulary {
  const pairs = gpt2BytePairs();
  const splits: number[][] = [];
  // Halves have lower ranks than the whole, so they stand in the table already.
  for (let rank = 0; rank < GPT2_END_OF_TEXT; rank++) {
    splits[rank] = rank < PRACTICE_END_OF_TEXT ? [rank] : pairs.halves(rank).flatMap((half) => splits[half]!);
  }
  splits[GPT2_END_OF_TEXT] = [PRACTICE_END_OF_TEXT];
  if (splits.length !== GPT2_VOCAB)
    throw new Error(`the ranks hold ${splits.length} tokens, not ${GPT2_VOCAB}`);
  return { splits };
}

/** A short text's GPT-2 tokens as practice tokens: the table of all splits takes longer than it is worth. */
export function splitIntoPractice(gpt2: ArrayLike<number>): number[] {
  const { halves } = gpt2BytePairs();
  const split = (token: number): number[] => {
    if (token === GPT2_END_OF_TEXT) return [PRACTICE_END_OF_TEXT];
    return token < PRACTICE_END_OF_TEXT ? [token] : halves(token).flatMap(split);
  };
  return Array.from(gpt2).flatMap(split);
}

/** GPT-2 tokens as practice tokens. */
export function toPractice({ splits }: PracticeVocabulary, gpt2: ArrayLike<number>): number[] {
  return Array.from(gpt2).flatMap((token) => splits[token]!);
}
