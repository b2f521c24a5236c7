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
