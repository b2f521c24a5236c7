import { encode } from 'gpt-tokenizer/encoding/r50k_base';
import { R50K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/encodingParams/constants';

/**
 * Longest pre-token in UTF-8 bytes. Part of the data rule: encoders are quadratic in it and overflow their
 * stack beyond 100,000 tokens, so a document with a longer one is left out by everybody.
 */
export const MAX_PRE_TOKEN_BYTES = 4_096;

/** A text in which special tokens are plain text. */
const ORDINARY = { disallowedSpecial: new Set<string>() };

/** GPT-2 tokens of a document, without end mark; undefined when the rule leaves the document out. */
export function encodeDocument(text: string): number[] | undefined {
  return hasLongPreToken(text) ? undefined : encode(text, ORDINARY);
}

export function hasLongPreToken(text: string): boolean {
  for (const [piece] of text.matchAll(R50K_TOKEN_SPLIT_REGEX)) {
    // A UTF-16 unit takes at most 3 bytes, so that most pieces need no count.
    if (piece.length * 3 > MAX_PRE_TOKEN_BYTES && Buffer.byteLength(piece) > MAX_PRE_TOKEN_BYTES) return true;
  }
  return false;
}
