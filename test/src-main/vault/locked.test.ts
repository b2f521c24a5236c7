import { encodeAddress } from '@polkadot/util-crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAnsible } from '../../../src-main/vault/locked/ansible.ts';
import { answerLock } from '../../../src-main/vault/locked/answer-lock.ts';
import { openFernet } from '../../../src-main/vault/locked/fernet.ts';
import { openLocked } from '../../../src-main/vault/locked/lock.ts';
import { sealNacl } from '../../../src-main/vault/locked/nacl.ts';
import { knownKeys } from '../../locks/known-keys.ts';
import { runs } from '../../runs.ts';
import { ADDRESS, ansible, fernet, NONCE, nacl, PASSWORD, PLAIN } from './locked-files.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const { signal } = new AbortController();
const open = (file: Uint8Array, password = PASSWORD) =>
  openLocked('/a/coldkey', file, utf8(password), signal);
/** What its thread answers, without one. */
const answerTo = (file: Uint8Array, password = PASSWORD) =>
  answerLock({ kind: 'open', path: '/a/coldkey', file, password: utf8(password) }, knownKeys);
const addressOf = async (file: Uint8Array) => encodeAddress((await open(file)).publicKey, 42);

describe('a locked key file', () => {
  it.each([
    ['NaCl', nacl],
    ['Fernet', fernet],
    ['Ansible', ansible],
  ])('of %s opens to its account, made by another program', async (_format, file) => {
    expect(await addressOf(file)).toBe(ADDRESS);
  });

  it('is written as wallets write it, to the byte', async () => {
    expect(await sealNacl(utf8(PLAIN), utf8(PASSWORD), knownKeys, NONCE)).toEqual(nacl);
  });

  it.each([
    ['NaCl', nacl],
    ['Fernet', fernet],
    ['Ansible', ansible],
  ])('of %s tells a wrong password, which is taken as it was typed', async (_format, file) => {
    expect(await answerTo(file, `${PASSWORD} `)).toMatchObject({ error: { code: 'KEY_PASSWORD_WRONG' } });
  });

  it.each<[string, Uint8Array]>([
    ['that ends after its mark', nacl.slice(0, 5)],
    ['that ends in its nonce', nacl.slice(0, 20)],
    ['that ends in its tag', nacl.slice(0, 40)],
    ['of a Fernet token cut short', fernet.subarray(0, 60)],
    ['of a Fernet token with a letter that is none', Buffer.from(`${fernet.toString()}!`)],
    [
      'of an Ansible vault without its last line',
      Buffer.from(ansible.toString().split('\n').slice(0, 3).join('\n')),
    ],
    ['of an Ansible vault of another version', Buffer.from(ansible.toString().replace('1.1', '9.9'))],
    ['that is no lock at all', utf8('{}')],
  ])('%s is damaged, whatever the password', async (_what, file) => {
    expect(await answerTo(file)).toMatchObject({
      kind: 'refused',
      error: { code: 'KEY_FILE_CORRUPT', params: { path: '/a/coldkey' } },
    });
  });

  it('gives way to who does not want to wait for it', async () => {
    const leaving = new AbortController();
    const opening = openLocked('/a/coldkey', nacl, utf8(PASSWORD), leaving.signal);
    leaving.abort();
    await expect(opening).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('of any bytes fails in one of two ways', () => {
    const fails = (opener: () => unknown) => {
      try {
        opener();
      } catch (thrown) {
        return (thrown as { fault?: string }).fault;
      }
      return 'opened';
    };
    const hexLine = fc.stringMatching(/^[0-9a-f]{0,80}$/);
    fc.assert(
      fc.property(fc.array(hexLine, { maxLength: 6 }), (lines) => {
        const file = utf8(['$ANSIBLE_VAULT;1.1;AES256', ...lines].join('\n'));
        expect(['damaged', 'password']).toContain(fails(() => openAnsible(file, utf8('any'))));
      }),
      { numRuns: runs(200) },
    );
    fc.assert(
      fc.property(fc.stringMatching(/^gAAAAA[\w=-]{0,90}$/), (text) => {
        expect(fails(() => openFernet(utf8(text), utf8('any'), knownKeys))).toBe('damaged');
      }),
      { numRuns: runs(200) },
    );
  });
});
