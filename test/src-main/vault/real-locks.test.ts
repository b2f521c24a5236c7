import { expect, it } from 'vitest';
import { openExported, openLocked } from '../../../src-main/vault/locked/lock.ts';
import type { KeyPair } from '../../../src-main/vault/private-key.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import { EXPORT_PASSWORD, keystore } from './exported-files.ts';
import { ADDRESS, ansible, fernet, nacl, PASSWORD } from './locked-files.ts';

const { signal } = new AbortController();
const utf8 = (text: string) => new TextEncoder().encode(text);
const inWallet = (file: Uint8Array) => openLocked('/a/coldkey', file, utf8(PASSWORD), signal);

/** Elsewhere keys are known beforehand; here passwords become keys as they do for users. */
it.each<[string, () => Promise<KeyPair>]>([
  ['NaCl', () => inWallet(nacl)],
  ['Fernet', () => inWallet(fernet)],
  ['Ansible', () => inWallet(ansible)],
  [
    'a keystore',
    () => openExported('/a.json', utf8(JSON.stringify(keystore)), utf8(EXPORT_PASSWORD), signal),
  ],
])('the lock of %s opens by its password alone', async (_lock, open) => {
  expect(addressOf((await open()).publicKey)).toBe(ADDRESS);
});
