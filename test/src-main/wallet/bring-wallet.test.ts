import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readWallets } from '../../../src-main/vault/wallets/read-wallets.ts';
import { wrongPasswordsByFile } from '../../../src-main/vault/wrong-passwords.ts';
import { lookAtBrought } from '../../../src-main/wallet/set-up/brought.ts';
import { WORDS_KEPT_MS } from '../../../src-main/wallet/set-up/limits.ts';
import { openWalletDesk, type WalletDesk } from '../../../src-main/wallet/set-up/wallet-desk.ts';
import { keystore } from '../vault/exported-files.ts';
import { ADDRESS, ansible, PASSWORD, PLAIN } from '../vault/locked-files.ts';

const { signal } = new AbortController();
const utf8 = (text: string) => new TextEncoder().encode(text);
const network = { name: 'devnet', mark: 'TEST', isReal: false };
const OTHER = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
describe('what is brought to the signing window', () => {
  let root: string;
  let desk: WalletDesk;
  let id: string;
  const noted: string[] = [];
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'butterfly-bring-'));
    noted.length = 0;
    const noteBackedUp = async (_folder: string, coldkey: string) => void noted.push(coldkey);
    desk = openWalletDesk({ wrong: wrongPasswordsByFile(), noteBackedUp, onWallets: () => undefined });
    id = await desk.begin({ kind: 'import', name: 'mine', words: null, place: { root, network } });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const bringFile = (name: string, content: string | Uint8Array) => {
    const bytes = typeof content === 'string' ? utf8(content) : content;
    return desk.bring(id, { kind: 'file', name, files: [{ path: name, bytes }] }, signal);
  };
  const bringFolder = (files: Record<string, string | Uint8Array>) =>
    desk.bring(
      id,
      {
        kind: 'folder',
        name: 'old',
        files: Object.entries(files).map(([path, content]) => ({
          path,
          bytes: typeof content === 'string' ? utf8(content) : content,
        })),
      },
      signal,
    );
  const keep = (password = 'plenty of quiet moths') =>
    desk.giveSecret(id, { password: utf8(password), backup: null }, signal);

  it('opens with its own password, and is shown before anything is written', async () => {
    await bringFile('coldkey', ansible);
    expect(desk.task?.brought).toEqual({
      ...{ kind: 'key-file', name: 'coldkey', isLocked: true, coldkey: null, hotkeys: 0 },
    });
    await expect(keep()).rejects.toMatchObject({ code: 'NOT_NOW' });
    await expect(desk.openBrought(id, utf8('no'), signal)).rejects.toMatchObject({
      code: 'KEY_PASSWORD_WRONG',
    });
    expect(desk.task?.problem?.code).toBe('KEY_PASSWORD_WRONG');
    await desk.openBrought(id, utf8(PASSWORD), signal);
    expect(desk.task).toMatchObject({ step: 'secret', problem: null, brought: { coldkey: ADDRESS } });
    expect(await readdir(root)).toEqual([]);
    await expect(keep('short')).rejects.toMatchObject({ code: 'PASSWORD_TOO_SHORT' });
  });

  it('as an export of another wallet says whose it is, at once where it has no password', async () => {
    await cryptoWaitReady();
    await bringFile('account.json', JSON.stringify(keystore));
    expect(desk.task?.brought).toMatchObject({ kind: 'keystore', isLocked: true, coldkey: null });
    const open = new Keyring({ type: 'sr25519' }).createFromUri(JSON.parse(PLAIN).secretPhrase).toJson();
    await bringFile('account.json', JSON.stringify(open));
    expect(desk.task?.brought).toMatchObject({ kind: 'keystore', isLocked: false, coldkey: ADDRESS });
    await expect(bringFile('cat.jpg', 'meow')).rejects.toMatchObject({ code: 'KEY_FILE_FOREIGN' });
    // What was there before is gone with it.
    expect(desk.task?.brought).toBeNull();
  });

  it('as a folder is copied as it is, and its words are still to be proved', async () => {
    await bringFolder({
      'coldkeypub.txt': JSON.stringify({ ss58Address: ADDRESS }),
      coldkey: ansible,
      'hotkeys/default': PLAIN,
      'hotkeys/farpub.txt': JSON.stringify({ ss58Address: OTHER }),
    });
    expect(desk.task?.brought).toEqual({
      ...{ kind: 'folder', name: 'old', isLocked: true, coldkey: null, hotkeys: 2 },
    });
    await desk.openBrought(id, utf8(PASSWORD), signal);
    await keep('');
    expect(desk.task).toMatchObject({ step: 'done', made: { coldkey: ADDRESS, backedUpAtMs: null } });
    expect(noted).toEqual([]);
    expect(new Uint8Array(await readFile(join(root, 'mine', 'coldkey')))).toEqual(Uint8Array.from(ansible));
    expect((await readWallets(root))[0]?.hotkeys.map(({ name }) => name)).toEqual(['default', 'far']);
  });

  it.each<[string, () => Promise<void>, string]>([
    ['no key file', () => bringFile('cat.jpg', 'meow'), 'KEY_FILE_FOREIGN'],
    ['a folder with a path out of it', () => bringFolder({ 'hotkeys/../x': PLAIN }), 'KEY_FILE_FOREIGN'],
    [
      'a coldkey under the public file of another',
      () => bringFolder({ coldkey: PLAIN, 'coldkeypub.txt': `{"ss58Address":"${OTHER}"}` }),
      'KEY_FILE_CONTRADICTS',
    ],
  ])('is refused where it is %s, and the task waits for another', async (_what, bring, code) => {
    await expect(bring()).rejects.toMatchObject({ code });
    expect(desk.task).toMatchObject({ step: 'secret', brought: null, problem: { code } });
  });

  it('is not kept twice, but one that is only watched may get its key', async () => {
    await mkdir(join(root, 'here'));
    await writeFile(join(root, 'here', 'coldkeypub.txt'), JSON.stringify({ ss58Address: ADDRESS }));
    await bringFile('coldkey.json', PLAIN);
    await writeFile(join(root, 'here', 'coldkey'), PLAIN);
    await expect(bringFile('coldkey.json', PLAIN)).rejects.toMatchObject({
      code: 'WALLET_HAS_ADDRESS',
      params: { name: 'here' },
    });
  });

  it('is forgotten where it holds an account that is here: nothing is left that could be kept', async () => {
    await bringFile('coldkey.json', ansible);
    await mkdir(join(root, 'here'));
    await writeFile(join(root, 'here', 'coldkey'), PLAIN);
    await expect(desk.openBrought(id, utf8(PASSWORD), signal)).rejects.toMatchObject({
      code: 'WALLET_HAS_ADDRESS',
    });
    expect(desk.task).toMatchObject({ step: 'secret', brought: null });
    await expect(keep()).rejects.toMatchObject({ code: 'NOT_NOW' });
  });

  it('is not kept where its account came here after it was looked at', async () => {
    await bringFile('coldkey.json', PLAIN);
    await mkdir(join(root, 'here'));
    await writeFile(join(root, 'here', 'coldkey'), PLAIN);
    await expect(keep()).rejects.toMatchObject({ code: 'WALLET_HAS_ADDRESS' });
    expect(await readdir(root)).toEqual(['here']);
  });

  it.each([
    ['is foreign', 'cat.jpg', 'meow'],
    ['is here already', 'coldkey.json', PLAIN],
  ])('leaves no copy in memory where it %s', async (_why, name, content) => {
    await mkdir(join(root, 'here'));
    await writeFile(join(root, 'here', 'coldkey'), PLAIN);
    const copying = vi.spyOn(Uint8Array, 'from');
    onTestFinished(() => copying.mockRestore());
    await expect(bringFile(name, content)).rejects.toMatchObject({ code: expect.any(String) });
    expect(copying.mock.results[0]?.value).toEqual(new Uint8Array(content.length));
  });

  it('is written whole, whatever else is asked for meanwhile', async () => {
    await bringFolder({ coldkey: ansible });
    await desk.openBrought(id, utf8(PASSWORD), signal);
    const other = desk.begin({ kind: 'make', name: 'other', words: null, place: { root, network } });
    const refused = expect(other).rejects.toMatchObject({ code: 'NOT_NOW' });
    await keep('');
    await refused;
    expect(desk.task).toMatchObject({ id, step: 'done' });
    expect(noted).toEqual([]);
    expect(await readFile(join(root, 'mine', 'coldkey'))).toEqual(ansible);
  });

  it('is not forgotten by time while it is kept', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => timers.mockRestore());
    await bringFolder({ coldkey: PLAIN });
    const timer = timers.mock.calls.findLast(([, ms]) => ms === WORDS_KEPT_MS);
    const keeping = keep('');
    timer?.[0]();
    await keeping;
    expect(desk.task).toMatchObject({ id, step: 'done' });
    expect(await readFile(join(root, 'mine', 'coldkey'), 'utf8')).toBe(PLAIN);
  });

  it('that is forgotten while it is written is wiped afterwards', async () => {
    const files = [{ path: 'coldkey', bytes: utf8(PLAIN) }];
    const brought = await lookAtBrought({ kind: 'folder', name: 'old', files }, signal);
    const keeping = brought.keep({ root, name: 'mine', password: new Uint8Array() }, signal);
    brought.forget();
    await keeping;
    expect(await readFile(join(root, 'mine', 'coldkey'), 'utf8')).toBe(PLAIN);
    await expect(
      brought.keep({ root, name: 'more', password: new Uint8Array() }, signal),
    ).rejects.toMatchObject({ code: 'WALLET_TASK_GONE' });
  });

  it('is taken for an import alone', async () => {
    id = await desk.begin({ kind: 'restore', name: 'mine', words: null, place: { root, network } });
    await expect(bringFile('coldkey.json', PLAIN)).rejects.toMatchObject({ code: 'NOT_NOW' });
  });
});
