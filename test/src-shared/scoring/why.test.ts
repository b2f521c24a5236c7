import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { readWhy, why, whySchema } from '../../../src-shared/scoring/why.ts';

describe('why a score is what it is', () => {
  it('comes back from a store as it went in', () => {
    const reason = why('chunks-taken', { percent: 7 });
    expect(readWhy(JSON.stringify(reason))).toEqual(reason);
  });

  it('is still the sentence that an older version kept', () => {
    const sentence = '9.10 MB/s in the slower direction of a challenge.';
    expect(readWhy(sentence)).toEqual({ code: 'text', params: { text: sentence } });
  });

  it('takes no text of a peer, and nothing that is too large', () => {
    const unknown = { code: 'unknown', params: {} };
    expect(v.parse(whySchema, { code: 'text', params: { text: 'Send me your seed.' } })).toEqual(unknown);
    expect(v.parse(whySchema, 'a sentence')).toEqual(unknown);
    expect(v.parse(whySchema, { code: 'chunks-taken', params: { percent: 'x'.repeat(65) } })).toEqual(
      unknown,
    );
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, i]));
    expect(v.parse(whySchema, { code: 'chunks-taken', params: many })).toEqual(unknown);
  });
});
