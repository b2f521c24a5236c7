import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openContacts } from '../../../src-main/wallet/contacts.ts';
import { CONTACTS_MAX } from '../../../src-main/wallet/limits.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import { ss58 } from '../../../src-shared/units.ts';

const ALICE = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const MINE = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'butterfly-contacts-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));
const OWN = [{ address: MINE, name: 'Main' }];
const open = () =>
  openContacts(
    dataDir,
    () => undefined,
    () => OWN,
  );

it('outlive the host, in the order of their names', async () => {
  const { set } = await open();
  await set(MINE, 'me');
  await set(ALICE, '  exchange  ');
  const again = await open();
  expect(again.all).toEqual([
    { address: ALICE, name: 'exchange' },
    { address: MINE, name: 'me' },
  ]);
  expect(again.nameOf(MINE)).toBe('me');
  await again.set(MINE, null);
  expect((await open()).all).toEqual([{ address: ALICE, name: 'exchange' }]);
});

it('come back from their second copy', async () => {
  await (await open()).set(MINE, 'me');
  const path = join(dataDir, 'contacts.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"me"', '"mi"'));
  expect((await open()).all).toEqual([{ address: MINE, name: 'me' }]);
});

it.each([
  ['', 'CONTACT_NAME_INVALID'],
  ['   ', 'CONTACT_NAME_INVALID'],
  ['a\nb', 'CONTACT_NAME_INVALID'],
  ['exchange\u202e', 'CONTACT_NAME_INVALID'],
  ['x'.repeat(41), 'CONTACT_NAME_INVALID'],
  ['ME', 'CONTACT_NAME_TAKEN'],
  ['main', 'CONTACT_NAME_TAKEN'],
])('are not called “%s”', async (name, code) => {
  const contacts = await open();
  await contacts.set(MINE, 'me');
  await expect(contacts.set(ALICE, name)).rejects.toMatchObject({ code });
  expect(contacts.all).toHaveLength(1);
});

it('take no address that is none', async () => {
  const { set } = await open();
  const mistyped = ss58(MINE.replace('Dfh', 'Dfj'));
  await expect(set(mistyped, 'me')).rejects.toMatchObject({ code: 'ADDRESS_INVALID' });
});

it('are bounded', async () => {
  const all = Array.from({ length: CONTACTS_MAX }, (_, at) => {
    const key = new Uint8Array(32).fill(7);
    new DataView(key.buffer).setUint32(0, at);
    return { address: addressOf(key), name: `c${at}` };
  });
  await writeFile(join(dataDir, 'contacts.json'), JSON.stringify(all));
  const contacts = await open();
  expect(contacts.all).toHaveLength(CONTACTS_MAX);
  await expect(contacts.set(ALICE, 'one more')).rejects.toMatchObject({ code: 'CONTACTS_FULL' });
  await contacts.set(all[0]?.address ?? ALICE, 'another name');
});
