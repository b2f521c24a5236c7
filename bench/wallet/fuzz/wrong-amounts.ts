import type { Chance } from './chance.ts';

type Wrong = (chance: Chance) => string;

const whole = (chance: Chance) => String(chance.below(1_000_000));

/** Each makes a text that some reader somewhere takes for an amount, and that means none or several. */
const kinds: readonly Wrong[] = [
  (c) => `${whole(c)},${c.digits(1 + c.below(9))}`,
  (c) => `${1 + c.below(999)}.${c.digits(3)},${c.digits(2)}`,
  (c) => `${1 + c.below(999)},${c.digits(3)}.${c.digits(2)}`,
  (c) => `${1 + c.below(999)} ${c.digits(3)}`,
  (c) => `${1 + c.below(999)}'${c.digits(3)}`,
  (c) => `${1 + c.below(999)}_${c.digits(3)}`,
  (c) => `.${c.digits(1 + c.below(9))}`,
  (c) => `${whole(c)}.`,
  (c) => `${whole(c)}.${c.digits(10 + c.below(8))}`,
  (c) => `${whole(c)}${c.of(['e', 'E'])}${c.of(['', '+', '-'])}${c.below(20)}`,
  (c) => `${c.of(['+', '-', '−', '±'])}${whole(c)}`,
  (c) => `${c.of(['0x', '0b', '0o'])}${c.below(2)}${c.digits(2)}`,
  (c) => `${c.of([' ', '\t', '\n', '\u00a0', '\u200b'])}${whole(c)}`,
  (c) => `${whole(c)}${c.of([' ', '\n', '\u200b', ' TAO', 'τ', 'n', 'f', '%', ';', '\u0000'])}`,
  (c) => otherDigits(whole(c), c.of([0x660, 0x6f0, 0x966, 0xff10, 0x1d7ce])),
  (c) => `${whole(c)}${c.of(['٫', '．', '·', '。', ':'])}${c.digits(2)}`,
  // From 2^64 rao on.
  (c) => `${18_446_744_074n + BigInt(c.below(1_000_000_000))}.${c.digits(9)}`,
  () => '18446744073.709551616',
  (c) => `1${c.digits(21 + c.below(40))}`,
  (c) =>
    c.of([
      '',
      ' ',
      'NaN',
      'Infinity',
      '-0',
      'null',
      'undefined',
      'true',
      'all',
      'max',
      '1/2',
      '1.2.3',
      '..',
      '.',
    ]),
  (c) => `${whole(c)}.${c.digits(2)}.${c.digits(2)}`,
  (c) => `${whole(c)}${c.of(['\u0301', '\u202e', '\ufeff'])}`,
];

export const wrongAmount = (chance: Chance): string => chance.of(kinds)(chance);

const otherDigits = (text: string, zero: number): string =>
  [...text].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
