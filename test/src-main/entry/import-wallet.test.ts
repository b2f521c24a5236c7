import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Conversation } from '../../../src-main/entry/conversation.ts';
import { importWallet } from '../../../src-main/entry/import-wallet.ts';
import { readWallets } from '../../../src-main/vault/wallets/read-wallets.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { EXPORT_PASSWORD, keystore } from '../vault/exported-files.ts';
import { ADDRESS, nacl, PASSWORD, PLAIN } from '../vault/locked-files.ts';

const { signal } = new AbortController();
let home: string;
let root: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'butterfly-import-'));
  root = join(home, 'wallets');
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** Types these passwords one after another, and Enter at every question unless they leave. */
function person(passwords: readonly string[], leaves = false) {
  const said: string[] = [];
  const hidden = [...passwords];
  const talk: Conversation = {
    say: (line) => void said.push(line),
    async ask() {
      if (leaves) throw new AppError('CANCELLED');
      return '';
    },
    async askHidden() {
      const next = hidden.shift();
      if (next === undefined) throw new AppError('CANCELLED');
      return new TextEncoder().encode(next);
    },
    clear: () => undefined,
  };
  return { talk, said };
}

async function folder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const from = join(home, 'old');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(from, path, '..'), { recursive: true });
    await writeFile(join(from, path), content);
  }
  return from;
}

async function file(content: object): Promise<string> {
  const path = join(home, 'account.json');
  await writeFile(path, JSON.stringify(content));
  return path;
}

describe('a wallet that is brought in at a terminal', () => {
  it('is a folder, called as it was, once its password was typed right', async () => {
    const from = await folder({ coldkey: nacl, 'hotkeys/default': PLAIN });
    const { talk, said } = person(['wrong one', PASSWORD]);
    await importWallet({ root, from, name: null }, talk, signal);
    expect(said.filter((line) => line.startsWith('That is not its password'))).toHaveLength(1);
    expect(said.at(-1)).toContain(ADDRESS);
    expect(await readWallets(root)).toMatchObject([
      { name: 'old', coldkey: { kind: 'locked', address: ADDRESS }, hotkeys: [{ name: 'default' }] },
    ]);
  });

  it('is a folder that asks for no password, and is told so where money lies open', async () => {
    const { talk, said } = person([]);
    await importWallet({ root, from: await folder({ coldkey: PLAIN }), name: 'mine' }, talk, signal);
    expect(said.at(-1)).toMatch(/no password/);
    await importWallet({ root, from: await folder({ 'hotkeys/h': PLAIN }), name: 'rig' }, talk, signal);
    expect((await readWallets(root)).map(({ name }) => name)).toEqual(['mine', 'rig']);
  });

  it('is a JSON keystore behind its own password, and gets a new one', async () => {
    const from = await file(keystore);
    const { talk, said } = person(['long enough', 'long enough', 'not theirs', EXPORT_PASSWORD]);
    await importWallet({ root, from, name: 'mine' }, talk, signal);
    const at = (text: string) => said.findIndex((line) => line.includes(text));
    expect(at(ADDRESS)).toBeLessThan(at('The coldkey is locked'));
    const [made] = await readWallets(root);
    expect(made).toMatchObject({ coldkey: { kind: 'locked', lock: 'nacl', address: ADDRESS } });
    // The file is a way back to it.
    expect(made?.backedUpAtMs).not.toBeNull();
  });

  it('is nothing where the person leaves, or never knows the password', async () => {
    const leaves = person(['long enough', 'long enough'], true);
    const from = await file(JSON.parse(PLAIN));
    await expect(importWallet({ root, from, name: 'mine' }, leaves.talk, signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    const forgets = person(['a', 'b', 'c', 'd', 'e', 'f']);
    const old = await folder({ coldkey: Buffer.from('$ANSIBLE_VAULT;1.1;AES256\n61\n') });
    await expect(importWallet({ root, from: old, name: 'x' }, forgets.talk, signal)).rejects.toMatchObject({
      code: 'KEY_FILE_CORRUPT',
    });
    expect(await readdir(root).catch(() => [])).toEqual([]);
  });

  it('asks for nothing where its name is taken or no name at all', async () => {
    const from = await folder({ coldkey: nacl });
    await mkdir(join(root, 'old', 'hotkeys'), { recursive: true });
    for (const [name, code] of [
      [null, 'WALLET_EXISTS'],
      ['../x', 'WALLET_NAME_INVALID'],
    ] as const)
      await expect(importWallet({ root, from, name }, person([]).talk, signal)).rejects.toMatchObject({
        code,
      });
  });
});
