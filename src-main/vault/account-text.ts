import { decodeAddress, encodeAddress, mnemonicGenerate, sr25519PairFromSeed } from '@polkadot/util-crypto';
import { type Ss58, ss58 } from '../../src-shared/units.ts';
import { SS58_PREFIX } from './key-file.ts';
import { bytesOfHex, isPrivateKey, isSeed, seedOfBackup } from './phrase.ts';
import { canonicalOf, type KeyPair, pairOfPrivateKey } from './private-key.ts';

/** An account as the files of a wallet say it: strings only, since readers elsewhere break on a number. */
export interface AccountText {
  readonly address: Ss58;
  /** With every secret that its readers may look for. */
  readonly secret: string;
  /** What may lie open beside it. */
  readonly public: string;
}

/**
 * @param backup a phrase, a seed or a private key, as `plainBackup` has it; what nobody knows of it is not written
 * @param path where it lies or will, for what is told of a fault in it
 * @throws {AppError} KEY_PHRASE_WORD, KEY_PHRASE_INVALID, KEY_PRIVATE_INVALID
 */
export function accountText(backup: string, path = ''): AccountText {
  const seed = isPrivateKey(backup) ? null : seedOfBackup(backup, path);
  const pair = seed ? sr25519PairFromSeed(seed) : pairOfPrivateKey(bytesOfHex(backup), null);
  const open = openParts(pair.publicKey);
  const secrets = {
    privateKey: privateKeyText(pair),
    ...(seed && !isSeed(backup) ? { secretPhrase: backup } : {}),
    ...(seed ? { secretSeed: toHex(seed) } : {}),
  };
  return {
    address: ss58(open.ss58Address),
    secret: `${JSON.stringify({ ...open, ...secrets })}\n`,
    public: `${JSON.stringify(open)}\n`,
  };
}

/** The private key of a pair as wallets write it; a backup, too, where no phrase is known. */
export const privateKeyText = (pair: KeyPair): string => toHex(canonicalOf(pair));

/** What a wallet says of an account whose secret is elsewhere. @param address one that was checked */
export const publicText = (address: Ss58): string => `${JSON.stringify(openParts(decodeAddress(address)))}\n`;

function openParts(publicKey: Uint8Array) {
  const ss58Address = encodeAddress(publicKey, SS58_PREFIX);
  return { accountId: toHex(publicKey), publicKey: toHex(publicKey), ss58Address };
}

export const newPhrase = (words: 12 | 24): string => mnemonicGenerate(words);

const toHex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;
