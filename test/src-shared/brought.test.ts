import { expect, it } from 'vitest';
import { isWalletFile, walletFolders } from '../../src-shared/brought.ts';

const at = (...paths: string[]) => paths.map((path) => ({ path, file: path }));

it('knows the files that make a wallet, and takes no path out of its folder', () => {
  for (const path of ['coldkey', 'coldkeypub.txt', 'hotkeys/default', 'hotkeys/defaultpub.txt'])
    expect(isWalletFile(path), path).toBe(true);
  for (const path of [
    ...['hotkeys', 'hotkeys/', 'hotkeys/.hidden', 'hotkeys/../coldkey', '../coldkey', '/coldkey'],
    ...['hotkeys/a/b', 'hotkeys\\a', 'notes.txt', 'backed-up.json', 'practice-coldkeys/coldkey.json'],
  ])
    expect(isWalletFile(path), path).toBe(false);
});

it('finds the wallet in its own folder, and leaves the rest of it', () => {
  const picked = at('old/coldkey', 'old/hotkeys/default', 'old/notes.txt', 'old/hotkeys/.x');
  expect(walletFolders(picked)).toEqual([
    {
      name: 'old',
      files: [
        { path: 'coldkey', file: 'old/coldkey' },
        { path: 'hotkeys/default', file: 'old/hotkeys/default' },
      ],
    },
  ]);
});

it('finds all wallets in a folder of them, by name', () => {
  const picked = at('wallets/b/coldkeypub.txt', 'wallets/a/hotkeys/h', 'wallets/deep/er/c/coldkey');
  expect(walletFolders(picked).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(walletFolders(at('photos/1.jpg'))).toEqual([]);
});

it('names what lies in no folder of its own by what was picked', () => {
  expect(walletFolders(at('hotkeys/default', 'hotkeys/spare'))).toMatchObject([
    { name: 'hotkeys', files: [{ path: 'hotkeys/default' }, { path: 'hotkeys/spare' }] },
  ]);
  expect(walletFolders(at('notes.txt', 'coldkeypub.txt', 'coldkey'))).toMatchObject([
    { name: 'coldkeypub.txt', files: [{ path: 'coldkeypub.txt' }, { path: 'coldkey' }] },
  ]);
});
