import { expect, it } from 'vitest';
import { openBrought, openLocked } from '../../../src-main/vault/locked/lock.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import { EXPORT_PASSWORD, keystore } from './exported-files.ts';
import { ADDRESS, ansible, fernet, nacl, PASSWORD } from './locked-files.ts';

const { signal } = new AbortController();
const utf8 = (text: string) => new TextEncoder().encode(text);
const inWallet = async (file: Uint8Array) =>
  addressOf((await openLocked('/a/coldkey', file, utf8(PASSWORD), signal)).publicKey);

/** Elsewhere keys are known beforehand; here passwords become keys as they do for users. */
it.each<[string, () => Promise<string>]>([
  ['NaCl', () => inWallet(nacl)],
  ['Fernet', () => inWallet(fernet)],
  ['Ansible', () => inWallet(ansible)],
  [
    'a keystore',
    async () => {
      const file = utf8(JSON.stringify(keystore));
      return (await openBrought('/a.json', file, utf8(EXPORT_PASSWORD), signal)).address;
    },
  ],
])('the lock of %s opens by its password alone', async (_lock, open) => {
  expect(await open()).toBe(ADDRESS);
});
