import { beforeAll, describe, expect, it } from 'vitest';
import { tokenizerFiles } from '../../../../src-worker/train/interchange/tokenizer-files.ts';
import { encodeDocument } from '../../../../src-worker/train/pages/gpt2.ts';
import { practiceVocabulary, toPractice } from '../../../../src-worker/train/pages/practice-vocabulary.ts';

/** What a reader of tokenizer.json does with one piece of text: merges in the order of the list, the leftmost first. */
function bytePairs(
  piece: string,
  { vocab, merges }: { vocab: Record<string, number>; merges: string[] },
): number[] {
  const ranks = new Map(merges.map((pair, rank) => [pair, rank]));
  const parts = Array.from(Buffer.from(piece), (byte) => CHARACTERS[byte]!);
  for (;;) {
    const found = parts
      .slice(1)
      .map((right, at) => ranks.get(`${parts[at]} ${right}`) ?? Number.POSITIVE_INFINITY);
    const best = Math.min(...found);
    if (best === Number.POSITIVE_INFINITY) return parts.map((part) => vocab[part]!);
    const at = found.indexOf(best);
    parts.splice(at, 2, parts[at]! + parts[at + 1]!);
  }
}

/** The characters that stand for bytes in GPT-2's files, by the rule of those files: seen ones stand for themselves. */
const CHARACTERS = Array.from({ length: 256 }, (_, byte) => byte).map((byte, _i, all) => {
  const isSeen = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
  return String.fromCodePoint(isSeen(byte) ? byte : 256 + all.filter((b) => b < byte && !isSeen(b)).length);
});

/** GPT-2's cut of a text into pieces, as readers of `ByteLevel` make it. */
const PIECES = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
const TEXT =
  "The river's 1851 charter — it isn’t\n\n   kept in Zürich; 東京 has  two  copies! Notwithstanding 😀.";
const vocabulary = practiceVocabulary();

describe.each([
  ['gpt2', 50_257, (text: string) => encodeDocument(text)!],
  ['practice-4096', 4_096, (text: string) => toPractice(vocabulary, encodeDocument(text)!)],
] as const)('the tokenizer files of %s', (name, size, encode) => {
  let files: Readonly<Record<string, string>>;
  let tokenizer: { model: { vocab: Record<string, number>; merges: string[] }; added_tokens: unknown };
  beforeAll(async () => {
    files = await tokenizerFiles(name, 64, new AbortController().signal);
    tokenizer = JSON.parse(files['tokenizer.json']!);
  });

  it('encode as the run does', () => {
    const pieces = TEXT.match(PIECES)!;
    expect(pieces.join('')).toBe(TEXT);
    expect(pieces.flatMap((piece) => bytePairs(piece, tokenizer.model))).toEqual(encode(TEXT));
  });

  it('name every token once, the end of text last', () => {
    const ids = Object.values(tokenizer.model.vocab);
    expect(new Set(ids).size).toBe(size);
    expect(Math.max(...ids)).toBe(size - 1);
    expect(tokenizer.added_tokens).toMatchObject([{ id: size - 1, content: '<|endoftext|>', special: true }]);
    expect(tokenizer.model.merges).toHaveLength(size - 257);
  });

  it('say the same in the older form', () => {
    expect(JSON.parse(files['vocab.json']!)).toEqual(tokenizer.model.vocab);
    expect(files['merges.txt']!.trimEnd().split('\n').slice(1)).toEqual(tokenizer.model.merges);
    expect(JSON.parse(files['tokenizer_config.json']!)).toMatchObject({ model_max_length: 64 });
  });
});
