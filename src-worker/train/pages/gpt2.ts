import { encode } from 'gpt-tokenizer/encoding/r50k_base';
import { R50K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/encodingParams/constants';
import { TokenBuffer } from './token-buffer.ts';

/**
 * Longest pre-token in UTF-8 bytes. Part of the data rule: encoders are quadratic in it and overflow their
 * stack beyond 100,000 tokens, so a document with a longer one is left out by everybody.
 */
export const MAX_PRE_TOKEN_BYTES = 4_096;

/** A text in which special tokens are plain text. */
const ORDINARY = { disallowedSpecial: new Set<string>() };

/** GPT-2 tokens of a document, without end mark; undefined when the rule leaves the document out. */
export function encodeDocument(text: string): number[] | undefined {
  const tokens = new TokenBuffer();
  return encodeInto(tokens, text) ? Array.from(tokens.view()) : undefined;
}

/**
 * Appends the GPT-2 tokens of a document, without end mark.
 * @returns false, and appends nothing, when the rule leaves the document out
 */
export function encodeInto(tokens: TokenBuffer, text: string): boolean {
  const { length } = tokens;
  for (const pieces of windowsOf(text))
    for (const piece of pieces) {
      // A UTF-16 unit takes at most 3 bytes, so that most pieces need no count.
      if (piece.length * 3 > MAX_PRE_TOKEN_BYTES && Buffer.byteLength(piece) > MAX_PRE_TOKEN_BYTES) {
        tokens.length = length;
        return false;
      }
      tokens.pushAll(tokensOf(piece));
    }
  return true;
}

/**
 * What the words met lately encode to. A word is split and merged once, then looked up: three of four pieces of English are
 * among a few thousand.
 */
const known = new Map<string, readonly number[]>();
const KNOWN_PIECES_MOST = 131_072;
/** Longer ones rarely come again. */
const KNOWN_PIECE_MAX_UNITS = 32;

function tokensOf(piece: string): readonly number[] {
  const found = known.get(piece);
  if (found) return found;
  // A piece alone is split no further than it was within its text.
  const tokens = encode(piece, ORDINARY);
  if (piece.length > KNOWN_PIECE_MAX_UNITS) return tokens;
  if (known.size >= KNOWN_PIECES_MOST) known.clear();
  // A substring would keep the whole text that it was cut from.
  known.set(Buffer.from(piece, 'utf16le').toString('utf16le'), tokens);
  return tokens;
}

/** Text is split in windows: the pieces of all of it at once take many times its memory. */
const WINDOW_UNITS = 65_536;
/** What comes after a piece decides about it at most so far ahead: the longest contraction, and one unit for a blank. */
const LOOKAHEAD_UNITS = 4;

/**
 * The pieces of a text, window by window. The last of a window may go on behind it, as may what begins a contraction: they
 * begin the next one. A piece that fills a window is far longer than the rule allows, so it comes as it was cut.
 */
export function* windowsOf(text: string, units = WINDOW_UNITS): Generator<readonly string[]> {
  for (let at = 0; at < text.length; ) {
    const window = text.slice(at, at + units);
    const pieces: string[] = window.match(R50K_TOKEN_SPLIT_REGEX) ?? [];
    if (at + window.length < text.length) {
      let kept = window.length;
      while (pieces.length > 1 && (kept === window.length || kept > window.length - LOOKAHEAD_UNITS))
        kept -= pieces.pop()!.length;
      if (kept === window.length || kept > window.length - LOOKAHEAD_UNITS) kept = window.length;
      at += kept;
    } else at = text.length;
    yield pieces;
  }
}
