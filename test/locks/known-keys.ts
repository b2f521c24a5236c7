import { createHash } from 'node:crypto';
import type { PasswordKeys } from '../../src-main/vault/locked/password-keys.ts';
import { EXPORT_PASSWORD } from '../src-main/vault/exported-files.ts';
import { PASSWORD } from '../src-main/vault/locked-files.ts';

/**
 * Derived once, for files that other programs locked: those open with no other keys. `real-locks.test.ts` derives the
 * same again.
 */
const known: Readonly<Record<string, string>> = {
  [`nacl ${PASSWORD}`]: 'ef264c32078a13c7a5a16a8e94777ef49e3e3f1212b9e2af132714e28e5a10c4',
  [`fernet ${PASSWORD}`]: 'ffbd433e572a4eaa99a672acdb7696b2a16dc65fb4820235da99ca4b624e0743',
  // Of each keystore, by how its salt begins.
  [`88a420ae ${EXPORT_PASSWORD}`]: '83cdeaf2deb5d104d4b49b3ab34e30f097c1455fff46f8b83dcd5c2b2c9ae184',
  [`6d0ee6a3 ${EXPORT_PASSWORD}`]: 'f8222be46fb4d046426db56ab0c8719e11e74d9a4f0150fc94195e8d8b9a7997',
};

/** In the place of those that take seconds: every other password has a key of its own, too, and a cheap one. */
export const knownKeys: PasswordKeys = {
  nacl: async (password) => keyOf('nacl', password),
  fernet: (password) => keyOf('fernet', password),
  keystore: (password, salt) => keyOf(Buffer.from(salt.subarray(0, 4)).toString('hex'), password),
};

function keyOf(lock: string, password: Uint8Array): Uint8Array {
  const named = `${lock} ${new TextDecoder().decode(password)}`;
  const key = known[named];
  return Uint8Array.from(key ? Buffer.from(key, 'hex') : createHash('sha256').update(named).digest());
}
