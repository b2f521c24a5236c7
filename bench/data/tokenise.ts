import { encode } from 'gpt-tokenizer/encoding/r50k_base';
import { encodeInto } from '../../src-worker/train/pages/gpt2.ts';
import { TokenBuffer } from '../../src-worker/train/pages/token-buffer.ts';
import { figure } from '../report/figures.ts';
import { addresses, documents } from './words.ts';

const DOCUMENTS = 1_500;
const TURNS = 7;
const ORDINARY = { disallowedSpecial: new Set<string>() };

/**
 * Tokens a second of one thread, ours against the fastest library that knows the vocabulary, the long-word rule and the copy
 * into 16 bits included on our side. Side by side, turn by turn; the best turn of each.
 */
export async function tokeniseVsFastest() {
  const texts = documents(DOCUMENTS, 1, addresses());
  const ours = () => {
    const tokens = new TokenBuffer();
    for (const text of texts) encodeInto(tokens, text);
    return tokens.length;
  };
  const library = () => texts.reduce((sum, text) => sum + encode(text, ORDINARY).length, 0);
  const best = { ours: 0, library: 0 };
  for (let turn = 0; turn < TURNS; turn += 1) {
    best.ours = Math.max(best.ours, rateOf(ours));
    best.library = Math.max(best.library, rateOf(library));
  }
  return figure('tokenise-vs-fastest', best.ours / best.library, 'of gpt-tokenizer', {
    ...{ floor: 0.85, goal: 1, peer: 1 },
    seen: `${(best.ours / 1e6).toFixed(2)} M tokens/s, the library ${(best.library / 1e6).toFixed(2)} M`,
  });
}

function rateOf(work: () => number): number {
  const startedMs = performance.now();
  const tokens = work();
  return (tokens * 1_000) / (performance.now() - startedMs);
}
