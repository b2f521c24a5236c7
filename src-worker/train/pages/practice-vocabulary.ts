import ranks from 'gpt-tokenizer/bpeRanks/r50k_base';
import { GPT2_END_OF_TEXT, GPT2_VOCAB } from './gpt2.ts';

/** Ranks below this stay; the id itself is the end of text. */
export const PRACTICE_END_OF_TEXT = 4_095;

/**
 * GPT-2's vocabulary cut down to its first merges. Merges apply in rank order, so a token above the cut is
 * what its own merge tree says: its two halves, and theirs, until all lie below the cut.
 */
export type PracticeVocabulary = { readonly splits: readonly (readonly number[])[] };

export function practiceVocabulary(): PracticeVocabulary {
  const bytes = ranks.map((entry) =>
    latin1(typeof entry === 'string' ? Buffer.from(entry) : Uint8Array.from(entry)),
  );
  const rankOf = new Map(bytes.map((key, rank) => [key, rank]));
  const splits: number[][] = [];
  // Halves have lower ranks than the whole, so they stand in the table already.
  for (let rank = 0; rank < GPT2_END_OF_TEXT; rank++) {
    splits[rank] =
      rank < PRACTICE_END_OF_TEXT
        ? [rank]
        : halves(bytes[rank]!, rank, rankOf).flatMap((half) => splits[half]!);
  }
  splits[GPT2_END_OF_TEXT] = [PRACTICE_END_OF_TEXT];
  if (splits.length !== GPT2_VOCAB)
    throw new Error(`the ranks hold ${splits.length} tokens, not ${GPT2_VOCAB}`);
  return { splits };
}

/** GPT-2 tokens as practice tokens. */
export function toPractice({ splits }: PracticeVocabulary, gpt2: ArrayLike<number>): number[] {
  return Array.from(gpt2).flatMap((token) => splits[token]!);
}

/** One character per byte: a byte string that can be a key. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** The two tokens whose merge made this one: what all merges of lower rank leave of its bytes. */
function halves(token: string, rank: number, rankOf: ReadonlyMap<string, number>): [number, number] {
  const parts = [...token];
  while (parts.length > 2) {
    let best = { at: -1, rank };
    for (let at = 0; at + 1 < parts.length; at++) {
      const merged = rankOf.get(parts[at]! + parts[at + 1]!) ?? rank;
      if (merged < best.rank) best = { at, rank: merged };
    }
    if (best.at < 0) break;
    parts.splice(best.at, 2, parts[best.at]! + parts[best.at + 1]!);
  }
  const [left, right, ...rest] = parts.map((part) => rankOf.get(part));
  if (left === undefined || right === undefined || rest.length > 0)
    throw new Error(`token ${rank} has no merge`);
  return [left, right];
}
