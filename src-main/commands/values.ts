import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { parseTao } from '../../src-shared/amount.ts';
import { parseStoreAddress, type StoreAddress } from '../../src-shared/stores/store-address.ts';
import { readAddress } from '../../src-shared/typed-address.ts';
import type { Rao, Ss58 } from '../../src-shared/units.ts';

/** A kind of value that options take. */
export interface Value<T> {
  /** How the help text writes it. */
  readonly name: string;
  /** What it has to be, for the refusal: "a whole number from 1 to 10". */
  readonly expected: string;
  /** All that it can be, where that is a list; shells complete it. */
  readonly choices?: readonly string[];
  /** @returns null when the text is none of that kind. */
  read(text: string): T | null;
}

export const wholeNumber = (name: string, least: number, most: number): Value<number> => ({
  name,
  expected: `a whole number from ${least} to ${most}`,
  read: (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : null;
  },
});

/** With a point, and few places. */
export const decimal = (name: string, least: number, most: number): Value<number> => ({
  name,
  expected: `a number from ${least} to ${most}`,
  read: (text) => {
    const value = /^\d{1,6}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : null;
  },
});

export const port: Value<number> = wholeNumber('PORT', 0, 65_535);

export const oneOf = <T extends string>(name: string, choices: readonly T[]): Value<T> => ({
  name,
  expected: choices.join(' or '),
  choices,
  read: (text) => choices.find((choice) => choice === text) ?? null,
});

export const plainText = (name: string, expected: string): Value<string> => ({
  name,
  expected,
  read: (text) => (text.trim() === '' ? null : text),
});

/** A place on disk as an absolute path. Shells expand `~` only at the start of a word, so not in `--json=~/a`. */
export const path = (name: string): Value<string> => ({
  name,
  expected: name === 'FOLDER' ? 'the name of a folder' : 'the name of a file',
  read: (text) => {
    if (text.trim() === '' || text.includes('\0')) return null;
    return /^~(?:[/\\]|$)/.test(text) ? resolve(homedir(), `.${text.slice(1)}`) : resolve(text);
  },
});

/** An amount in TAO, as rao. */
export const tao: Value<Rao> = {
  name: 'TAO',
  expected: 'an amount like 0.05, written with a point: digits alone, at most 9 places, no comma and no sign',
  read: parseTao,
};

export const storeAddress: Value<StoreAddress> = {
  name: 'ADDRESS',
  expected: 'a store like hub:user/name, s3:host/bucket, https://host/path/ or folder:/path',
  read: parseStoreAddress,
};

/** An account of this network, by its checksum. */
export const address: Value<Ss58> = {
  name: 'ADDRESS',
  expected: 'the address of an account, whole and as it was copied',
  read: (text) => {
    const read = readAddress(text);
    return 'address' in read ? read.address : null;
  },
};
