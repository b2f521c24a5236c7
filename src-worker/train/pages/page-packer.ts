import { encodeInto } from './gpt2.ts';
import { packedDigest, sequenceCount } from './packing.ts';
import type { Page } from './page-source.ts';
import { practiceVocabulary, toPractice } from './practice-vocabulary.ts';
import { TokenBuffer } from './token-buffer.ts';
import { endOfTextOf, type TokenizerName } from './tokenizers.ts';

export interface PackingRule {
  readonly tokenizer: TokenizerName;
  /** Tokens of a sequence. */
  readonly context: number;
}

/** Bytes that are no UTF-8 become U+FFFD, one for each as the Encoding standard counts them; a byte order mark stays. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Makes a page of documents, in their order: each one's tokens, then the end of text. Left out by everybody, as if they were
 * not there: null, the empty text, and what has a pre-token that is too long. The tail that fills no sequence is dropped.
 */
export class PagePacker {
  readonly #rule: PackingRule;
  readonly #tokens = new TokenBuffer(65_536);
  /** Where the tokens are not the model's own yet. */
  readonly #gpt2 = new TokenBuffer();

  constructor(rule: PackingRule) {
    this.#rule = rule;
  }

  /** @param document UTF-8 */
  add(document: Uint8Array | null): void {
    if (document === null || document.length === 0) return;
    this.addText(utf8.decode(document));
  }

  addText(text: string): void {
    const { tokenizer } = this.#rule;
    if (text === '') return;
    if (tokenizer === 'gpt2') {
      if (!encodeInto(this.#tokens, text)) return;
    } else {
      this.#gpt2.length = 0;
      if (!encodeInto(this.#gpt2, text)) return;
      this.#tokens.pushAll(toPractice(practice(), this.#gpt2.view()));
    }
    this.#tokens.push(endOfTextOf(tokenizer));
  }

  page(index: number): Page {
    return pageOfTokens(index, this.#tokens.view().slice(), this.#rule.context);
  }
}

/** @param tokens all that a page holds; the tail that fills no sequence is left off */
export function pageOfTokens(index: number, tokens: Uint16Array, context: number): Page {
  const sequences = sequenceCount(tokens.length, context);
  const used = sequences === 0 ? tokens.subarray(0, 0) : tokens.subarray(0, sequences * context + 1);
  return { index, sequences, tokens: used, sha256: packedDigest(used) };
}

let vocabulary: ReturnType<typeof practiceVocabulary> | undefined;

const practice = (): ReturnType<typeof practiceVocabulary> => (vocabulary ??= practiceVocabulary());
