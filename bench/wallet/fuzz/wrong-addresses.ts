import { checkAddress, encodeAddress } from '@polkadot/util-crypto';
import type { Chance } from './chance.ts';

const LETTERS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

const key = (chance: Chance): Uint8Array => Uint8Array.from({ length: 32 }, () => chance.below(256));

export const rightAddress = (chance: Chance): string => encodeAddress(key(chance), 42);

type Wrong = (chance: Chance) => string;
const at = (text: string, place: number, put: string, cut = 1) =>
  text.slice(0, place) + put + text.slice(place + cut);

const kinds: readonly Wrong[] = [
  (c) => mistyped(c, (text) => at(text, c.below(text.length), c.of([...LETTERS]))),
  (c) =>
    mistyped(c, (text) => {
      const place = c.below(text.length - 1);
      return at(text, place, `${text[place + 1]}${text[place]}`, 2);
    }),
  (c) => mistyped(c, (text) => at(text, c.below(text.length), '')),
  (c) => mistyped(c, (text) => at(text, c.below(text.length), c.of([...LETTERS]), 0)),
  (c) => mistyped(c, (text) => c.of([text.toLowerCase(), text.toUpperCase(), [...text].reverse().join('')])),
  (c) => encodeAddress(key(c), c.of([0, 2, 5, 7, 10, 36, 63, 64, 252, 1_284, 13_116, 16_383])),
  (c) => {
    const text = rightAddress(c);
    return at(
      text,
      1 + c.below(text.length - 1),
      c.of([' ', '\n', '\t', '\u200b', '\u00a0', '-', '0', 'O', 'I', 'l']),
      0,
    );
  },
  (c) => `0x${Buffer.from(key(c)).toString('hex')}`,
  (c) => `0x${Buffer.from(key(c)).toString('hex').slice(0, 40)}`,
  (c) => `${rightAddress(c)}${c.of([rightAddress(c), '\u0000', '#', '?amount=1', '/'])}`,
  (c) => `${c.of(['substrate:', 'bittensor:', '5', '‎'])}${rightAddress(c)}`,
  (c) => rightAddress(c).replace(/[a-z]/, (letter) => String.fromCodePoint(0xfee0 + letter.charCodeAt(0))),
  (c) => c.of(['', ' ', '5', 'null', '0x', 'alice', '5GrwvaEF', '1'.repeat(48), '5'.repeat(48)]),
];

/** Two bytes of checksum let one mistake of 65,536 pass as somebody else's address: no reader can tell those. */
function mistyped(chance: Chance, change: (text: string) => string): string {
  for (;;) {
    const right = rightAddress(chance);
    const text = change(right);
    if (text !== right && !isRight(text)) return text;
  }
}

/** By a reader that is not ours. */
function isRight(text: string): boolean {
  try {
    return checkAddress(text, 42)[0];
  } catch {
    return false;
  }
}

export const wrongAddress = (chance: Chance): string => chance.of(kinds)(chance);
