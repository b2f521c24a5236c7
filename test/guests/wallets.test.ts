import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeAddress } from '@polkadot/util-crypto';
import { expect, test } from 'vitest';
import { installed, output } from '../../bench/chain/python.ts';
import { accountText, newPhrase } from '../../src-main/vault/account-text.ts';
import { openLocked } from '../../src-main/vault/locked/lock.ts';
import { createWallet } from '../../src-main/vault/wallets/create-wallet.ts';
import { importFolder } from '../../src-main/vault/wallets/import-folder.ts';
import { readWallets } from '../../src-main/vault/wallets/read-wallets.ts';
import { watchColdkey } from '../../src-main/vault/wallets/watch-coldkey.ts';

const PASSWORD = 'pass wörd 38';
const SCRIPT = fileURLToPath(new URL('./wallets.py', import.meta.url));
/** Twice as many packages as it needs, shared with the client that signs by them. */
const PACKAGES = ['async-substrate-interface==2.2.1', 'bittensor-wallet==4.1.0'];
const INSTALL_MS = 25 * 60_000;

type Found = Readonly<Record<'coldkey' | 'hotkey', string>>;

/** Wallets of `bittensor-wallet` open here and ours open there. Only the long suite has it. */
test.runIf(process.env.BUTTERFLY_LONG)(
  'bittensor-wallet 4.1.0 reads our wallets and we read its',
  async ({ skip }) => {
    const python = await installed(PACKAGES).catch((error) =>
      skip(`bittensor-wallet cannot be had here: ${error}`),
    );
    const home = await mkdtemp(join(tmpdir(), 'butterfly-wallets-'));
    try {
      const { signal } = new AbortController();
      const password = new TextEncoder().encode(PASSWORD);
      const [ours, theirs] = [join(home, 'ours'), join(home, 'theirs')];
      const mine = await createWallet(ours, { name: 'mine', backup: newPhrase(12), password }, signal);
      // Of an account from a JSON keystore nobody knows words or a seed.
      const backup = JSON.parse(accountText(newPhrase(12)).secret).privateKey;
      const bare = await createWallet(ours, { name: 'private', backup, password }, signal);
      await watchColdkey(ours, { name: 'watched', address: mine.coldkey });
      const said = await output(python.program('python'), [SCRIPT, theirs, PASSWORD, ours], home);
      const line = said.split('\n').findLast((each) => each.startsWith('{')) ?? '';
      const { made, ...read } = JSON.parse(line) as { made: Record<string, Found> };
      expect(read).toEqual({
        opened: { coldkey: mine.coldkey, public: mine.coldkey, hotkey: mine.hotkey },
        private: { coldkey: bare.coldkey, public: bare.coldkey, hotkey: bare.hotkey },
        watched: mine.coldkey,
      });
      const wallets = await readWallets(theirs);
      expect(wallets.map(({ name }) => name)).toEqual(['locked', 'open', 'seed']);
      for (const { name, coldkey, hotkeys } of wallets) {
        expect(coldkey).toMatchObject({ address: made[name]?.coldkey, fault: null });
        expect(hotkeys).toMatchObject([{ kind: 'open', address: made[name]?.hotkey, fault: null }]);
        if (coldkey.kind !== 'locked') continue;
        const { publicKey } = await openLocked(coldkey.path, await readFile(coldkey.path), password, signal);
        expect(encodeAddress(publicKey, 42)).toBe(made[name]?.coldkey);
        // Copied whole, it is a wallet for theirs as for ours.
        const from = join(theirs, name);
        expect(await importFolder(ours, { name: `copy-of-${name}`, from, password }, signal)).toMatchObject({
          coldkey: made[name]?.coldkey,
          hotkeys: ['default'],
        });
      }
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
  INSTALL_MS,
);
