import { decodeAddress, encodeAddress, sr25519PairFromSeed } from '@polkadot/util-crypto';
import * as v from 'valibot';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Ss58, ss58 } from '../../src-shared/units.ts';
import { plainBackup, seedOfPhrase } from './phrase.ts';
import { type KeyPair, pairsOf } from './private-key.ts';

export const SS58_PREFIX = 42;

const part = v.nullish(v.pipe(v.string(), v.maxLength(512)));
/** The plain layout of wallets in this field. Files made from a seed or a private key leave out what they do not know. */
const fileSchema = v.object({
  accountId: part,
  publicKey: part,
  privateKey: part,
  secretPhrase: part,
  secretSeed: part,
  ss58Address: part,
});
type KeyFile = v.InferOutput<typeof fileSchema>;

/** How files begin that are locked with a password: by NaCl, Fernet or Ansible Vault. */
const LOCKED = /^(?:\$NACL|gAAAAA|\$ANSIBLE_VAULT)/;

export const isLockedKey = (text: string): boolean => LOCKED.test(text);

/**
 * The account in the text of a key file. Everything that the file says of it is derived again: one whose parts
 * disagree would sign for one account and restore another.
 * @throws {AppError} KEY_FILE_LOCKED, KEY_FILE_PUBLIC, KEY_FILE_CONTRADICTS, KEY_PHRASE_WORD, KEY_PHRASE_INVALID,
 * KEY_FILE_CORRUPT
 */
export function parseKeyFile(path: string, text: string): KeyPair {
  if (isLockedKey(text)) throw new AppError('KEY_FILE_LOCKED', { path });
  // Errors of the parsers quote what they read. Nothing of them may leave this function, not even as a cause.
  try {
    const file = v.parse(fileSchema, JSON.parse(text.replace(/^\uFEFF/, '')));
    return pairOf(path, file);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('KEY_FILE_CORRUPT', { path });
  }
}

/**
 * What a person keeps of the account in a key file: its words, or its seed where the file knows none.
 * @throws {AppError} KEY_WITHOUT_WORDS, and as `parseKeyFile`
 */
export function backupInKeyFile(path: string, text: string): string {
  // Everything in it is checked first: words of another account would be the wrong ones to write down.
  parseKeyFile(path, text).secretKey.fill(0);
  const { secretPhrase, secretSeed } = v.parse(fileSchema, JSON.parse(text.replace(/^\uFEFF/, '')));
  const backup = secretPhrase ?? secretSeed;
  if (!backup) throw new AppError('KEY_WITHOUT_WORDS', { path });
  return plainBackup(backup);
}

/**
 * The account that a wallet's public file names.
 * @throws {AppError} KEY_FILE_CONTRADICTS, KEY_FILE_CORRUPT
 */
export function parsePublicFile(path: string, text: string): Ss58 {
  try {
    const { accountId, publicKey, ss58Address } = v.parse(
      fileSchema,
      JSON.parse(text.replace(/^\uFEFF/, '')),
    );
    const named = [accountId, publicKey].flatMap((part) => (part ? [bytesOf(part, 32)] : []));
    const addresses = [
      ...named.map((bytes) => encodeAddress(bytes, SS58_PREFIX)),
      ...(ss58Address ? [encodeAddress(decodeAddress(ss58Address, false, SS58_PREFIX), SS58_PREFIX)] : []),
    ];
    const [address, ...others] = addresses;
    if (address === undefined) throw new TypeError('no account');
    if (others.some((other) => other !== address))
      throw new AppError('KEY_FILE_CONTRADICTS', { path, part: 'ss58Address' });
    return ss58(address);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('KEY_FILE_CORRUPT', { path });
  }
}

function pairOf(path: string, file: KeyFile): KeyPair {
  const { secretSeed, secretPhrase, privateKey } = file;
  const secrets = {
    secretSeed: secretSeed ? sr25519PairFromSeed(bytesOf(secretSeed, 32)) : null,
    secretPhrase: secretPhrase ? sr25519PairFromSeed(seedOfPhrase(secretPhrase, path)) : null,
    privateKey: privateKey ? privatePair(privateKey, file) : null,
  };
  const pair = secrets.secretSeed ?? secrets.secretPhrase ?? secrets.privateKey;
  if (!pair) throw new AppError('KEY_FILE_PUBLIC', { path });
  const same = (other: Uint8Array | undefined) => !other || Buffer.compare(other, pair.publicKey) === 0;
  const agrees: Readonly<Record<keyof KeyFile, boolean>> = {
    secretSeed: same(secrets.secretSeed?.publicKey),
    secretPhrase: same(secrets.secretPhrase?.publicKey),
    privateKey: same(secrets.privateKey?.publicKey),
    publicKey: same(file.publicKey ? bytesOf(file.publicKey, 32) : undefined),
    accountId: same(file.accountId ? bytesOf(file.accountId, 32) : undefined),
    ss58Address: !file.ss58Address || file.ss58Address === encodeAddress(pair.publicKey, SS58_PREFIX),
  };
  for (const [name, isSo] of Object.entries(agrees))
    if (!isSo) throw new AppError('KEY_FILE_CONTRADICTS', { path, part: name });
  return pair;
}

/** A private key says nothing of its form, so that of the account which the file names is meant. */
function privatePair(privateKey: string, { publicKey, accountId }: KeyFile): KeyPair {
  const pairs = pairsOf(bytesOf(privateKey, 64));
  const named = publicKey ?? accountId;
  const meant = named ? bytesOf(named, 32) : null;
  const found = pairs.find((pair) => meant && Buffer.compare(pair.publicKey, meant) === 0) ?? pairs[0];
  if (!found) throw new RangeError('no scalar of the curve');
  return found;
}

/** Hex of so many bytes in either case, with 0x or without. */
function bytesOf(text: string, length: number): Uint8Array {
  const [, digits] = /^(?:0x)?([0-9a-f]*)$/i.exec(text) ?? [];
  if (digits?.length !== 2 * length) throw new TypeError('no hex of this length');
  return new Uint8Array(Buffer.from(digits, 'hex'));
}
