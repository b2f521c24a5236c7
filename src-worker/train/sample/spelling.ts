import { gpt2BytePairs } from '../pages/byte-pairs.ts';

/** Tokens as text and back to words: GPT-2's and the practice vocabulary spell alike. */
export interface Spelling {
  /** Text of tokens; bytes at either end that are no whole character are left out. */
  text(tokens: Iterable<number>): string;
  /** What a single token spells, one character per byte. */
  bytes(token: number): string;
}

export function gpt2Spelling(): Spelling {
  const { bytes } = gpt2BytePairs();
  const bytesOf = (token: number) => bytes[token] ?? '';
  return {
    bytes: bytesOf,
    text(tokens) {
      const spelled = Buffer.from(Array.from(tokens, bytesOf).join(''), 'latin1');
      return new TextDecoder().decode(spelled).replace(/^\uFFFD+|\uFFFD+$/g, '');
    },
  };
}
