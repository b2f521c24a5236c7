import { inSlices } from '../../../src-node/portions.ts';
import { BYTE_TOKENS, gpt2BytePairs } from '../pages/byte-pairs.ts';
import { endOfTextOf, type TokenizerName } from '../pages/tokenizers.ts';

/** Merges looked up between two looks at the clock: some milliseconds. */
const MERGES_AT_ONCE = 256;

const END_OF_TEXT = '<|endoftext|>';

/** Every token as these files write it, by its id. */
export const vocabularyOf = (tokenizer: TokenizerName): readonly string[] => [
  ...gpt2BytePairs().bytes.slice(0, endOfTextOf(tokenizer)).map(asCharacters),
  END_OF_TEXT,
];

/**
 * The files by which other programs encode and decode as the run does: GPT-2's own vocabulary, or its first merges. A
 * shorter list of merges needs no other rule: they apply in the order of their ranks.
 * @param context tokens of the longest text
 */
export async function tokenizerFiles(
  tokenizer: TokenizerName,
  context: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const endOfText = endOfTextOf(tokenizer);
  const written = vocabularyOf(tokenizer);
  const merges = await inSlices(mergesOf(written, endOfText), signal);
  const vocab = Object.fromEntries(written.map((text, id) => [text, id]));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    'tokenizer.json': json({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [
        {
          ...{ id: endOfText, content: END_OF_TEXT, special: true },
          ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
        },
      ],
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: null,
      decoder: byteLevel,
      model: {
        ...{ type: 'BPE', dropout: null, unk_token: null },
        ...{ continuing_subword_prefix: '', end_of_word_suffix: '', fuse_unk: false, byte_fallback: false },
        vocab,
        merges,
      },
    }),
    'tokenizer_config.json': json({
      ...{ tokenizer_class: 'PreTrainedTokenizerFast', add_prefix_space: false, model_max_length: context },
      ...{ bos_token: END_OF_TEXT, eos_token: END_OF_TEXT, unk_token: END_OF_TEXT },
    }),
    'vocab.json': json(vocab),
    'merges.txt': `${['#version: 0.2', ...merges].join('\n')}\n`,
  };
}

/** Every token that is no single byte, as the two that it is merged from. */
function* mergesOf(written: readonly string[], endOfText: number): Generator<void, string[]> {
  const { halves } = gpt2BytePairs();
  const merges: string[] = [];
  for (let token = BYTE_TOKENS; token < endOfText; token++) {
    const [left, right] = halves(token);
    merges.push(`${written[left]} ${written[right]}`);
    if (token % MERGES_AT_ONCE === 0) yield;
  }
  return merges;
}

const json = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** GPT-2 writes a byte as the character of that number where it can be seen, the others as characters from 256 on. */
const BYTE_CHARACTERS: readonly string[] = (() => {
  const isSeen = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isSeen(byte) ? byte : next++));
})();

const asCharacters = (bytes: string): string =>
  Array.from(bytes, (byte) => BYTE_CHARACTERS[byte.charCodeAt(0)]).join('');
