import { pbkdf2Sync } from 'node:crypto';
import { scrypt } from '@noble/hashes/scrypt.js';
import sodium from 'libsodium-wrappers-sumo';

/**
 * How passwords become the keys of locks: all that takes seconds and memory in them. The thread of a lock is given it,
 * so what stands around it can be tried with keys that are known.
 */
export interface PasswordKeys {
  /** Of today's wallets. @returns 32 bytes, the caller's to wipe */
  nacl(password: Uint8Array): Promise<Uint8Array>;
  /** Of wallets of the first generation. @returns 16 bytes for the tag and 16 for the cipher */
  fernet(password: Uint8Array): Uint8Array;
  /** Of a keystore, which names its salt and its cost. @returns 32 bytes */
  keystore(password: Uint8Array, salt: Uint8Array, cost: ScryptCost): Uint8Array;
}

/** The cost and the width of scrypt, and how often it is done: 128 * N * r bytes of memory. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

export const KEY_BYTES = 32;
/** Argon2i 1.3 with the salt of all of today's wallets: a good password is all there is. */
const NACL_SALT = Uint8Array.from(Buffer.from('137183dff15a09bc9c90b5518739e9b1', 'hex'));
/** The passes and bytes of libsodium's "sensitive" Argon2i; its constants of that name are those of Argon2id. */
const [NACL_PASSES, NACL_MEMORY_BYTES] = [8, 536_870_912];
const FERNET_SALT = 'Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins';
const FERNET_ROUNDS = 10_000_000;

/** As the programs that wrote these files derive them: seconds, all of them in the calling thread. */
export const passwordKeys: PasswordKeys = {
  async nacl(password) {
    await sodium.ready;
    const { crypto_pwhash, crypto_pwhash_ALG_ARGON2I13: kind } = sodium;
    return crypto_pwhash(KEY_BYTES, password, NACL_SALT, NACL_PASSES, NACL_MEMORY_BYTES, kind);
  },
  fernet: (password) => pbkdf2Sync(password, FERNET_SALT, FERNET_ROUNDS, KEY_BYTES, 'sha256'),
  keystore: (password, salt, cost) => scrypt(password, salt, { ...cost, dkLen: KEY_BYTES }),
};
