import { createPair } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { blake2AsU8a, cryptoWaitReady, encodeAddress } from '@polkadot/util-crypto';
import { entropyToMnemonic } from '@polkadot/util-crypto/mnemonic/bip39';
import { type Ss58, ss58 } from '../../src-shared/units.ts';
import { accountText, newPhrase } from './account-text.ts';
import { parseKeyFile, SS58_PREFIX } from './key-file.ts';
import type { KeyPair } from './private-key.ts';
import { createSecretFile, readSecretFile } from './secret-file.ts';

/** An sr25519 account that can sign and shows nothing but its address. */
export interface AccountKey {
  readonly address: Ss58;
  /** Signs these very bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * The account in this file, created where there is none.
 * @param entropy 16 bytes that a new account's phrase stands for; at random where nothing is given
 * @throws {AppError} of the key file (see `parseKeyFile`); it stays as it is
 */
export async function ensureAccountKey(path: string, entropy?: Uint8Array): Promise<AccountKey> {
  return (await openAccountKey(path)) ?? accountOf(parseKeyFile(path, await create(path, entropy)));
}

/**
 * The account in this file, or null where there is no file.
 * @throws {AppError} of the key file (see `parseKeyFile`); it stays as it is
 */
export async function openAccountKey(path: string): Promise<AccountKey | null> {
  await cryptoWaitReady();
  const text = await readSecretFile(path);
  return text === null ? null : accountOf(parseKeyFile(path, text));
}

/** Writes the layout of wallets in this field, so that their tools can read the file. */
async function create(path: string, entropy?: Uint8Array): Promise<string> {
  const { secret } = accountText(entropy ? entropyToMnemonic(entropy) : newPhrase(12));
  if (await createSecretFile(path, secret)) return secret;
  return (await readSecretFile(path)) ?? '';
}

/** An account that signs by this pair; it keeps the pair's own bytes. */
export function accountOf(keys: KeyPair): AccountKey {
  const pair: KeyringPair = createPair(
    { toSS58: (raw) => encodeAddress(raw, SS58_PREFIX), type: 'sr25519' },
    keys,
    {},
  );
  return { address: ss58(pair.address), sign: (message) => pair.sign(message) };
}

/** What a chain wants signed for a payload: itself, or its BLAKE2b-256 digest when longer than 256 bytes. */
export function signable(payload: Uint8Array): Uint8Array {
  return payload.length > 256 ? blake2AsU8a(payload, 256) : payload;
}
