import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeKeys } from '../../../src-main/join/keys.ts';
import { noteBackup } from '../../../src-main/vault/wallets/backup-note.ts';
import { openShelf, type Shelf } from '../../../src-main/wallet/shelf.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { ss58 } from '../../../src-shared/units.ts';
import { soon } from '../../soon.ts';
import { ADDRESS, nacl, PLAIN } from '../vault/locked-files.ts';

/** Every look starts a thread, on a machine that does much else. */
vi.setConfig({ testTimeout: 180_000 });

const OTHER = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const MINE = ss58(ADDRESS);
const publicText = (ss58Address: string) => JSON.stringify({ ss58Address });

let home: string;
let root: string;
let ownKeys: string;
let told: (CodedError | null)[];
let shelf: Shelf | undefined;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'butterfly-shelf-'));
  [root, ownKeys] = [join(home, 'wallets'), join(home, 'keys')];
  told = [];
});
afterEach(async () => {
  shelf?.stop();
  await rm(home, { recursive: true, force: true });
});

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(home, path, '..'), { recursive: true });
  await writeFile(join(home, path), content);
}

async function open(): Promise<Shelf> {
  shelf = await openShelf({
    root: () => root,
    ownKeys,
    told: (fault) => told.push(fault),
    signal: new AbortController().signal,
  });
  // On a busy computer it opens before it has looked.
  await shelf.refresh();
  return shelf;
}

it('is empty where there is no folder of wallets, and makes none', async () => {
  const { wallets } = await open();
  expect(wallets).toEqual([]);
  expect(await readdir(home)).toEqual([]);
  expect(told).toEqual([null]);
});

it('shows each wallet by what can be done with it here', async () => {
  await put('wallets/broken/coldkey', '{"secretSeed": 5}');
  await put('wallets/broken/hotkeys/default', PLAIN);
  await put('wallets/locked/coldkey', nacl);
  await put('wallets/locked/coldkeypub.txt', publicText(ADDRESS));
  await put('wallets/open/coldkey', PLAIN);
  await put('wallets/rig/hotkeys/default', PLAIN);
  await put('wallets/watched/coldkeypub.txt', publicText(OTHER));
  const { wallets } = await open();
  expect(wallets).toMatchObject([
    { name: 'broken', coldkey: null, opens: 'elsewhere', fault: { code: 'KEY_FILE_CORRUPT' } },
    { name: 'locked', coldkey: ADDRESS, opens: 'password', fault: null, network: null, hotkeys: [] },
    { name: 'open', coldkey: ADDRESS, opens: 'plain', fault: null },
    { name: 'rig', coldkey: null, opens: 'elsewhere', fault: null, hotkeys: [{ address: ADDRESS }] },
    { name: 'watched', coldkey: OTHER, opens: 'elsewhere', fault: null, backedUpAtMs: null },
  ]);
  const seed = JSON.parse(PLAIN).secretSeed;
  expect(JSON.stringify(wallets)).not.toContain(seed);
});

it('shows keys of its own, and wallets that lie beside them, for their network alone', async () => {
  const keys = await makeKeys(join(ownKeys, 'lan'));
  await put('keys/lan/mine/coldkeypub.txt', publicText(OTHER));
  const { wallets, coldkeyOf } = await open();
  expect(wallets).toMatchObject([
    { name: 'lan', network: 'lan', coldkey: keys.coldkey, opens: 'plain' },
    { name: 'mine', network: 'lan', coldkey: OTHER },
  ]);
  expect(wallets[0]?.hotkeys).toMatchObject([{ name: 'default', address: keys.hotkey }]);
  expect(coldkeyOf(keys.coldkey, 'lan')).toMatchObject({ walletName: 'lan', opens: 'plain' });
  expect(coldkeyOf(keys.coldkey, 'finney')).toBeNull();
});

it('finds a coldkey where it opens, whatever else knows its address', async () => {
  await put('wallets/a-watched/coldkeypub.txt', publicText(ADDRESS));
  await put('wallets/b-open/coldkey', PLAIN);
  await put('wallets/c-locked/coldkey', nacl);
  await put('wallets/c-locked/coldkeypub.txt', publicText(ADDRESS));
  const { coldkeyOf } = await open();
  const path = join(root, 'c-locked', 'coldkey');
  expect(coldkeyOf(MINE, 'any')).toEqual({ walletName: 'c-locked', opens: 'password', isUsers: true, path });
  expect(coldkeyOf(OTHER, 'any')).toBeNull();
});

it('shows the wallet of a run while it is lent, and once where it is the user’s', async () => {
  const keys = await makeKeys(join(home, 'run'));
  await put('elsewhere/mine/coldkey', PLAIN);
  await put('wallets/mine/coldkey', nacl);
  const { lend, refresh } = await open();
  const lent = [
    { folder: join(home, 'run'), network: 'practice' },
    { folder: join(home, 'elsewhere', 'mine'), network: 'lan' },
    { folder: join(root, 'mine'), network: 'lan' },
  ].map(lend);
  await refresh();
  expect(shelf?.wallets).toMatchObject([
    { name: 'mine', folder: join(root, 'mine'), network: null },
    { name: 'practice', network: 'practice', coldkey: keys.coldkey },
    { name: 'mine', folder: join(home, 'elsewhere', 'mine'), network: null },
  ]);
  for (const takeBack of lent) takeBack();
  await refresh();
  expect(shelf?.wallets).toHaveLength(1);
});

it('sees a wallet that another program makes, by itself', async () => {
  await mkdir(root);
  const { onChange } = await open();
  const changed = vi.fn();
  onChange(changed);
  await put('wallets/new/coldkeypub.txt', publicText(OTHER));
  await soon(() => expect(changed).toHaveBeenCalled());
  expect(shelf?.wallets).toMatchObject([{ name: 'new', coldkey: OTHER }]);
});

it('says nothing where nothing changed', async () => {
  await put('wallets/w/coldkey', PLAIN);
  const { onChange, refresh } = await open();
  const changed = vi.fn();
  onChange(changed);
  await refresh();
  expect(changed).not.toHaveBeenCalled();
  await put('wallets/w/coldkey', `${PLAIN}\n`);
  await refresh();
  expect(changed).toHaveBeenCalledOnce();
});

it('gives a wallet for an address alone, in the words of other tools', async () => {
  const { watchColdkey } = await open();
  await watchColdkey({ name: 'far', address: OTHER });
  expect(shelf?.wallets).toMatchObject([{ name: 'far', coldkey: OTHER, opens: 'elsewhere', hotkeys: [] }]);
  const key = '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d';
  const text = await readFile(join(root, 'far', 'coldkeypub.txt'), 'utf8');
  expect(JSON.parse(text)).toEqual({ accountId: key, publicKey: key, ss58Address: OTHER });
});

it.each([
  ['a name that is taken', { name: 'w', address: OTHER }, 'WALLET_EXISTS'],
  ['an address that a wallet has', { name: 'x', address: MINE }, 'WALLET_HAS_ADDRESS'],
  ['a name that leads elsewhere', { name: '../x', address: OTHER }, 'WALLET_NAME_INVALID'],
  ['a mistyped address', { name: 'x', address: ss58(OTHER.replace(/Y$/, 'Z')) }, 'ADDRESS_INVALID'],
])('watches no account under %s', async (_what, watched, code) => {
  await put('wallets/w/coldkey', PLAIN);
  const { watchColdkey } = await open();
  await expect(watchColdkey(watched)).rejects.toMatchObject({ code });
  expect(await readdir(root)).toEqual(['w']);
});

it('notes a backup beside the key, for that account and no other', async () => {
  await put('wallets/w/coldkey', PLAIN);
  const { noteBackedUp, refresh } = await open();
  await noteBackedUp(MINE);
  expect(shelf?.wallets[0]?.backedUpAtMs).toBeGreaterThan(1_700_000_000_000);
  await expect(noteBackedUp(OTHER)).rejects.toMatchObject({ code: 'WALLET_UNKNOWN' });
  // Another coldkey takes its place: nobody has shown to have that one's backup.
  await noteBackup(join(root, 'w'), OTHER, 1);
  await refresh();
  expect(shelf?.wallets[0]?.backedUpAtMs).toBeNull();
});

it.skipIf(process.getuid?.() === 0)(
  'tells of a folder that cannot be read, and when it can again',
  async () => {
    const { chmod } = await import('node:fs/promises');
    await mkdir(root, { mode: 0 });
    const { refresh } = await open();
    expect(told).toEqual([{ code: 'WALLETS_UNREADABLE', params: { folder: root } }]);
    await chmod(root, 0o700);
    await refresh();
    expect(told.at(-1)).toBeNull();
  },
);
