import type { Spelling } from './spelling.ts';

/** Tokens that a sample begins with at least; the last word is not cut. */
const LEAST = 10;
/** And at most, so that a short context has room for an answer. */
const MOST = 18;
/** Tokens looked through for the beginning of a sentence. */
const LOOKED = 400;

/**
 * Words of a text that a model is to go on with: the beginning of a sentence near the `index`-th of `count` places at even
 * distances.
 */
export function promptIn(
  text: Uint16Array,
  { index, count }: { readonly index: number; readonly count: number },
  spelling: Spelling,
): Uint16Array {
  const from = Math.floor(((index % count) + 0.5) * (text.length / count));
  const first = sentenceFrom(text, from, spelling);
  const isWord = (at: number) => /^[\s]/.test(spelling.bytes(text[at] ?? 0));
  let end = Math.min(first + LEAST, text.length);
  while (end < Math.min(first + MOST, text.length) && !isWord(end)) end += 1;
  return text.slice(first, end);
}

/** A token with a capital letter behind a full stop; `from` itself where there is none near. */
function sentenceFrom(text: Uint16Array, from: number, { bytes }: Spelling): number {
  for (let at = from; at < Math.min(from + LOOKED, text.length - MOST); at += 1)
    if (bytes(text[at]!).endsWith('.') && /^\s[A-Z][a-z]/.test(bytes(text[at + 1]!))) return at + 1;
  return Math.min(from, Math.max(0, text.length - MOST));
}
