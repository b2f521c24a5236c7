import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, quotedName } from '../../src-shared/one-line.ts';

describe('a stranger’s text', () => {
  it('is shown as it is where it is plain, in any script', () => {
    for (const plain of ['transformer.h.0.attn', 'Über den Fluß', '河', 'a "b" \\ c'])
      expect(oneLine(plain)).toBe(plain);
    expect(quotedName('a "b"')).toBe('"a \\"b\\""');
  });

  it.each([
    ['an escape sequence', '\u001b[2J'],
    ['a control sequence of one byte', '\u009b2J'],
    ['a text turned round', '\u202eevil'],
    ['a line of its own', '\r\n'],
    ['a line separator', '\u2028'],
    ['half of a character', '\ud800'],
  ])('obeys nothing: %s', (_name, text) => {
    expect(oneLine(`a${text}b`)).not.toContain(text[0]);
    expect(quotedName(`a${text}b`)).not.toContain(text[0]);
  });

  it('is one short line of visible characters, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const shown = oneLine(text, 80);
        expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(shown.length).toBeLessThanOrEqual(81);
      }),
    );
  });
});
