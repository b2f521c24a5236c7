import { describe, expect, it } from 'vitest';
import { explain, glossary } from '../../src-renderer/i18n/glossary.ts';

const asked = (text: string) =>
  explain(text)
    .filter(({ means }) => means !== null)
    .map((piece) => piece.text);

describe('words of the field', () => {
  it('are found whole, whatever their case', () => {
    expect(asked('Yes, 9 min immune')).toEqual(['immune']);
    expect(asked('All-reduce')).toEqual(['All-reduce']);
    expect(asked('avoided, epochal, muid')).toEqual([]);
  });

  it('are offered once each, where they come first', () => {
    expect(asked('uid 3, uid 4, then an epoch')).toEqual(['uid', 'epoch']);
  });

  it('are taken by their longest form', () => {
    expect(asked('nats per token, lower is better')).toEqual(['nats per token']);
  });

  it('leave every letter of the text where it was', () => {
    const text = 'void: 10 micro-batches of your hotkey, held out';
    expect(
      explain(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });

  it.each(['immune', 'epoch', 'uid', 'finalized', 'coldkey', 'nats', 'held out', 'micro-batch', 'void'])(
    'have a sentence behind %s',
    (word) => {
      expect(explain(word)).toMatchObject([{ text: word, means: expect.stringMatching(/^[A-Z].+\.$/) }]);
    },
  );

  it('mean one thing each', () => {
    const forms = glossary.flatMap((entry) => entry.forms.map((form) => form.toLowerCase()));
    expect(new Set(forms).size).toBe(forms.length);
  });
});
