import fc from 'fast-check';
import ranks from 'gpt-tokenizer/bpeRanks/r50k_base';
import { decode, encode } from 'gpt-tokenizer/encoding/r50k_base';
import { R50K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/encodingParams/constants';
import { describe, expect, it } from 'vitest';
import { encodeDocument, MAX_PRE_TOKEN_BYTES, windowsOf } from '../../../../src-worker/train/pages/gpt2.ts';
import {
  practiceVocabulary,
  splitIntoPractice,
  toPractice,
} from '../../../../src-worker/train/pages/practice-vocabulary.ts';
import {
  GPT2_END_OF_TEXT,
  GPT2_VOCAB,
  PRACTICE_END_OF_TEXT,
} from '../../../../src-worker/train/pages/tokenizers.ts';
import { runs } from '../../../runs.ts';

const vocabulary = practiceVocabulary();
const bytesOf = (token: number) => Buffer.from(ranks[token] as string | number[]);

describe('practice vocabulary', () => {
  it('has a row for every GPT-2 token, of tokens below the cut', () => {
    expect(vocabulary.splits).toHaveLength(GPT2_VOCAB);
    expect(
      vocabulary.splits
        .slice(0, -1)
        .flat()
        .every((token) => token < PRACTICE_END_OF_TEXT),
    ).toBe(true);
    expect(vocabulary.splits[GPT2_END_OF_TEXT]).toEqual([PRACTICE_END_OF_TEXT]);
  });

  it('splits a short text alike without the table', () => {
    const tokens = [
      ...encodeDocument('Notwithstanding the Constitution, whales—leviathans—swim 12345.')!,
      GPT2_END_OF_TEXT,
    ];
    expect(splitIntoPractice(tokens)).toEqual(toPractice(vocabulary, tokens));
  });

  it('keeps every token below the cut as it is', () => {
    for (let token = 0; token < PRACTICE_END_OF_TEXT; token++)
      expect(vocabulary.splits[token]).toEqual([token]);
  });

  it('every row spells the bytes of its token', () => {
    for (let token = 0; token < GPT2_END_OF_TEXT; token++) {
      if (!Buffer.concat(vocabulary.splits[token]!.map(bytesOf)).equals(bytesOf(token)))
        expect.fail(`token ${token}`);
    }
  });

  it('text survives both ways', () => {
    const text = 'Naïve café — “Ishmael” said\n\n42 whales, 😀 and antidisestablishmentarianism.';
    const practice = toPractice(vocabulary, encodeDocument(text)!);
    expect(decode(practice)).toBe(text);
    expect(practice.length).toBeGreaterThan(encodeDocument(text)!.length);
  });
});

describe('GPT-2 encoding', () => {
  it('gives the ids that GPT-2 is known for', () => {
    expect(encodeDocument('Hello, world! <|endoftext|>')).toEqual([
      15496, 11, 995, 0, 1279, 91, 437, 1659, 5239, 91, 29,
    ]);
  });

  it('leaves out a document with a word beyond the limit', () => {
    expect(encodeDocument(`a ${'é'.repeat(MAX_PRE_TOKEN_BYTES / 2 + 1)}`)).toBeUndefined();
  });

  it('counts bytes, not characters', () => {
    expect(encodeDocument('é'.repeat(MAX_PRE_TOKEN_BYTES / 2))).toBeDefined();
    expect(encodeDocument('é'.repeat(MAX_PRE_TOKEN_BYTES / 2 + 1))).toBeUndefined();
    expect(encodeDocument('a'.repeat(MAX_PRE_TOKEN_BYTES))).toBeDefined();
  });

  it('splits a text in windows as it splits it whole', () => {
    const word = fc.oneof(
      fc.constantFrom(
        "'s",
        "it'll",
        "'",
        "'''re",
        '\n\n',
        '   ',
        ' ',
        '\u00a0 ',
        '👩‍👩‍👧',
        '汉字',
        '\ud800',
        '12,345',
        '…--',
      ),
      fc.string({ maxLength: 8, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 120 }), fc.integer({ min: 64, max: 200 }), (words, units) => {
        const text = words.join('').replaceAll(/(.{20})/gsu, '$1 ');
        const whole = text.match(R50K_TOKEN_SPLIT_REGEX) ?? [];
        expect([...windowsOf(text, units)].flat()).toEqual(whole);
      }),
      { numRuns: runs(500, 5_000) },
    );
  });

  it('encodes what it met before as the library does', () => {
    const text = "We the People, in Order to form a more perfect Union; we the people'll, 1787! ";
    for (let round = 0; round < 3; round += 1)
      expect(encodeDocument(text.repeat(3))).toEqual(encode(text.repeat(3)));
  });

  it('leaves out a hundred megabytes without a break, and lives', { timeout: 60_000 }, () => {
    expect(encodeDocument('x'.repeat(100_000_000))).toBeUndefined();
    expect(encodeDocument(`a ${' '.repeat(20_000_000)}`)).toBeUndefined();
  });
});
