import { createPair } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import {
  blake2AsU8a,
  cryptoWaitReady,
  encodeAddress,
  mnemonicGenerate,
  mnemonicToMiniSecret,
  sr25519PairFromSeed,
} from '@polkadot/util-crypto';
import { entropyToMnemonic } from '@polkadot/util-crypto/mnemonic/bip39';
import * as v from 'valibot';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Ss58, ss58 } from '../../src-shared/units.ts';
import { createSecretFile, readSecretFile } from './secret-file.ts';

/** An sr25519 account that can sign and shows nothing but its address. */
export interface AccountKey {
  readonly address: Ss58;
  /** Signs these very bytes. */
  sign(message: Uint8Array): Uint8Array;
}

const SS58_PREFIX = 42;
const hex32 = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{64}$/));
/** The plain layout of wallets in this field: strings only, so that their tools can read the file. */
const fileSchema = v.object({
  accountId: hex32,
  publicKey: hex32,
  secretPhrase: v.pipe(v.string(), v.maxLength(512)),
  secretSeed: hex32,
  ss58Address: v.string(),
});

/**
 * The account in this file, created where there is none.
 * @param entropy 16 bytes that a new account's phrase stands for; at random where nothing is given
 * @throws {AppError} KEY_FILE_CORRUPT; the file stays as it is
 */
export async function ensureAccountKey(path: string, entropy?: Uint8Array): Promise<AccountKey> {
  return (await openAccountKey(path)) ?? parseAccount(path, await create(path, entropy));
}

/**
 * The account in this file, or null where there is no file.
 * @throws {AppError} KEY_FILE_CORRUPT; the file stays as it is
 */
export async function openAccountKey(path: string): Promise<AccountKey | null> {
  await cryptoWaitReady();
  const text = await readSecretFile(path);
  return text === null ? null : parseAccount(path, text);
}

async function create(path: string, entropy?: Uint8Array): Promise<string> {
  const secretPhrase = entropy ? entropyToMnemonic(entropy) : mnemonicGenerate(12);
  const seed = mnemonicToMiniSecret(secretPhrase);
  const { publicKey } = sr25519PairFromSeed(seed);
  const account = {
    accountId: toHex(publicKey),
    publicKey: toHex(publicKey),
    secretPhrase,
    secretSeed: toHex(seed),
    ss58Address: encodeAddress(publicKey, SS58_PREFIX),
  };
  const text = `${JSON.stringify(account)}\n`;
  if (await createSecretFile(path, text)) return text;
  return (await readSecretFile(path)) ?? '';
}

/** Everything is derived again: a file whose parts disagree would sign for one account and restore another. */
function parseAccount(path: string, text: string): AccountKey {
  // Errors of the parsers quote what they read. Nothing of them may leave this function, not even as a cause.
  try {
    const file = v.parse(fileSchema, JSON.parse(text));
    const pair = sr25519PairFromSeed(new Uint8Array(Buffer.from(file.secretSeed.slice(2), 'hex')));
    if (belongTogether(file, pair.publicKey)) return accountOf(pair);
  } catch {}
  throw new AppError('KEY_FILE_CORRUPT', { path });
}

function belongTogether(file: v.InferOutput<typeof fileSchema>, publicKey: Uint8Array): boolean {
  return (
    encodeAddress(publicKey, SS58_PREFIX) === file.ss58Address &&
    toHex(publicKey) === file.publicKey &&
    toHex(publicKey) === file.accountId &&
    toHex(mnemonicToMiniSecret(file.secretPhrase)) === file.secretSeed
  );
}

function accountOf(keys: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }): AccountKey {
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

const toHex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;
