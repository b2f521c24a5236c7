import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLongEnough, passwordStrength } from '../../src-shared/password.ts';

describe('how strong a password is', () => {
  it.each([
    ['', 'too-short'],
    ['1234567', 'too-short'],
    ['😀😀😀😀', 'too-short'],
    ['password', 'weak'],
    ['aaaaaaaaaaaaaaaaaaaaaaaa', 'weak'],
    ['qwertyqwerty1234', 'weak'],
    ['Moths7fly9', 'fair'],
    ['plenty of quiet moths', 'strong'],
  ])('of “%s”: %s', (password, strength) => {
    expect(passwordStrength(password)).toBe(strength);
  });

  it('agrees with what the host refuses', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 24 }), (password) => {
        const isShort = passwordStrength(password) === 'too-short';
        expect(isLongEnough(new TextEncoder().encode(password))).toBe(!isShort);
      }),
    );
  });
});
