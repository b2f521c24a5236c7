import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReason, reasonJson } from '../../../src-main/publishing/kept-reason.ts';
import { REASON_CHARS_MAX, REASON_PARAMS_MAX } from '../../../src-main/publishing/limits.ts';

const param = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
);
/** Objects that come from outside never take this name; no sentence uses it. */
const name = fc.stringMatching(/^[a-z]{1,12}$/).filter((word) => word !== 'constructor');
const params = fc.dictionary(name, param, { maxKeys: REASON_PARAMS_MAX });

describe('what fills the sentence of a failure', () => {
  it('is read as it was written, whole numbers of any size too', () => {
    fc.assert(
      fc.property(params, (said) => {
        expect(readReason(reasonJson(said))).toEqual({ ...said });
      }),
    );
  });

  it('is not kept where it is longer than any sentence', () => {
    expect(reasonJson({ path: 'x'.repeat(REASON_CHARS_MAX) })).toBeNull();
    expect(readReason(null)).toBeNull();
  });

  it.each([
    ['no JSON', 'it broke'],
    ['no object', '7'],
    ['a value within a value', '{"why":{"deep":1}}'],
    [
      'more than a sentence has',
      JSON.stringify(Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`p${at}`, at]))),
    ],
    ['more characters than are kept', JSON.stringify({ why: 'x'.repeat(REASON_CHARS_MAX) })],
  ])('is nothing where a damaged store has %s', (_, text) => {
    expect(readReason(text)).toBeNull();
  });

  it('is nothing or words, whatever a store has', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const value of Object.values(readReason(text) ?? {}))
          expect(['string', 'number', 'bigint']).toContain(typeof value);
      }),
    );
  });
});
