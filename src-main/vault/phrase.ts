import { mnemonicToMiniSecret } from '@polkadot/util-crypto';
import wordlist from '@polkadot/util-crypto/mnemonic/wordlists/en';
import { AppError } from '../../src-shared/errors/app-error.ts';

/**
 * The seed that a phrase stands for, however it was spaced and whatever its case.
 * @param path the file it stands in; of the phrase itself nothing is told
 * @throws {AppError} KEY_PHRASE_WORD, KEY_PHRASE_INVALID
 */
export function seedOfPhrase(phrase: string, path: string): Uint8Array {
  const words = plainPhrase(phrase).split(' ');
  const unknown = words.findIndex((word) => !wordlist.includes(word));
  if (unknown >= 0) throw new AppError('KEY_PHRASE_WORD', { path, word: unknown + 1 });
  try {
    return mnemonicToMiniSecret(words.join(' '));
  } catch {
    throw new AppError('KEY_PHRASE_INVALID', { path });
  }
}

/** A phrase however it was spaced and whatever its case, as its seed is derived from it. */
export const plainPhrase = (phrase: string): string =>
  phrase.normalize('NFKD').trim().toLowerCase().split(/\s+/).join(' ');

/**
 * What a person keeps of an account, as it is written into files: a phrase, its seed as `0x` and 64 digits of hex, or
 * where neither is known its private key as `0x` and 128 digits.
 */
export function plainBackup(typed: string): string {
  const [, digits] = /^\s*(?:0x)?([0-9a-f]{64}|[0-9a-f]{128})\s*$/i.exec(typed) ?? [];
  return digits === undefined ? plainPhrase(typed) : `0x${digits.toLowerCase()}`;
}

/** @throws {AppError} as `seedOfPhrase` */
export const seedOfBackup = (backup: string, path: string): Uint8Array =>
  isSeed(backup) ? bytesOfHex(backup) : seedOfPhrase(backup, path);

export const isSeed = (backup: string): boolean => /^0x[0-9a-f]{64}$/.test(backup);
export const isPrivateKey = (backup: string): boolean => /^0x[0-9a-f]{128}$/.test(backup);

/** @param backup a seed or a private key */
export const bytesOfHex = (backup: string): Uint8Array => new Uint8Array(Buffer.from(backup.slice(2), 'hex'));

/** A backup as a person writes it down: word by word, a seed in groups of four digits. */
export const writtenBackup = (backup: string): string[] =>
  isSeed(backup) || isPrivateKey(backup) ? (backup.slice(2).match(/.{4}/g) ?? []) : backup.split(' ');
