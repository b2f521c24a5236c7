import { decodeAddress, encodeAddress, mnemonicGenerate, sr25519PairFromSeed } from '@polkadot/util-crypto';
import { type Ss58, ss58 } from '../../src-shared/units.ts';
import { SS58_PREFIX } from './key-file.ts';
import { isSeed, seedOfBackup } from './phrase.ts';

/** An account as the files of a wallet say it: strings only, since readers elsewhere break on a number. */
export interface AccountText {
  readonly address: Ss58;
  /** With every secret that its readers may look for. */
  readonly secret: string;
  /** What may lie open beside it. */
  readonly public: string;
}

/**
 * @param backup a phrase or a seed, as `plainBackup` has it; of a seed nobody knows a phrase, and none is written
 * @throws {AppError} KEY_PHRASE_WORD, KEY_PHRASE_INVALID
 */
export function accountText(backup: string): AccountText {
  const seed = seedOfBackup(backup, '');
  const { publicKey, secretKey } = sr25519PairFromSeed(seed);
  const open = openParts(publicKey);
  const phrase = isSeed(backup) ? {} : { secretPhrase: backup };
  const secrets = { privateKey: toHex(canonical(secretKey)), ...phrase, secretSeed: toHex(seed) };
  return {
    address: ss58(open.ss58Address),
    secret: `${JSON.stringify({ ...open, ...secrets })}\n`,
    public: `${JSON.stringify(open)}\n`,
  };
}

/** What a wallet says of an account whose secret is elsewhere. @param address one that was checked */
export const publicText = (address: Ss58): string => `${JSON.stringify(openParts(decodeAddress(address)))}\n`;

function openParts(publicKey: Uint8Array) {
  const ss58Address = encodeAddress(publicKey, SS58_PREFIX);
  return { accountId: toHex(publicKey), publicKey: toHex(publicKey), ss58Address };
}

export const newPhrase = (words: 12 | 24): string => mnemonicGenerate(words);

/** Scalar and nonce, as wallets write them: the library has the scalar times the curve's cofactor 8. */
function canonical(secretKey: Uint8Array): Uint8Array {
  const bytes = secretKey.slice();
  let carry = 0;
  for (let at = 31; at >= 0; at--) {
    const byte = bytes[at] ?? 0;
    bytes[at] = (byte >> 3) | carry;
    carry = (byte & 7) << 5;
  }
  return bytes;
}

const toHex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;
