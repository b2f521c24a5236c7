import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openDataFolder } from '../../../../src-main/data-folder.ts';
import { openTerminalMoney, type TerminalMoney } from '../../../../src-main/entry/money/open-money.ts';
import { makeKeys } from '../../../../src-main/join/keys.ts';
import { accountText, newPhrase } from '../../../../src-main/vault/account-text.ts';
import { openContacts } from '../../../../src-main/wallet/contacts.ts';
import { rao, type Ss58 } from '../../../../src-shared/units.ts';
import type { Devnet } from '../../../../src-worker/devnet/start.ts';
import { owner, sealing, startTestChain } from '../../network/rig.ts';

const TAO = 10n ** 9n;
/** Wallets are read on a thread each time, on a machine that does much else. */
const OPEN_MS = 180_000;
const { signal } = new AbortController();
const own = accountText(newPhrase(12));
let home: string;
let dataDir: string;
let devnet: Devnet;
let lan: Ss58;
beforeEach(async () => {
  await cryptoWaitReady();
  home = await mkdtemp(join(tmpdir(), 'butterfly-terminal-'));
  dataDir = join(home, 'data');
  const wallets = join(home, 'wallets');
  await mkdir(join(wallets, 'mine', 'hotkeys'), { recursive: true });
  await writeFile(join(wallets, 'mine', 'coldkey'), own.secret);
  await writeFile(join(wallets, 'mine', 'hotkeys', 'default'), accountText(newPhrase(12)).secret);
  await mkdir(join(wallets, 'rig', 'hotkeys'), { recursive: true });
  await writeFile(join(wallets, 'rig', 'hotkeys', 'default'), accountText(newPhrase(12)).secret);
  await mkdir(dataDir, { recursive: true });
  const values = { 'wallet.folder': wallets };
  await writeFile(join(dataDir, 'settings.json'), JSON.stringify({ version: 1, values }));
  lan = (await makeKeys(join(dataDir, 'keys', 'lan'))).coldkey;
  devnet = await startTestChain({
    accounts: [own.address, lan].map((ss58) => ({ ss58, freeRao: 100n * TAO })),
  });
});
afterEach(async () => {
  await devnet.stop();
  await rm(home, { recursive: true, force: true });
});

async function open(wallet: string, name = 'lan'): Promise<TerminalMoney> {
  const network = { name, endpoint: devnet.url };
  const money = await openTerminalMoney({ dataDir, network, wallet }, () => undefined, signal);
  onTestFinished(() => money.stop());
  return money;
}

describe('what a terminal moves money with', { timeout: OPEN_MS }, () => {
  it('is the wallet of that name, of that folder, or of that network', async () => {
    for (const [wallet, coldkey] of [
      ['mine', own.address],
      [join(home, 'wallets', 'mine'), own.address],
      ['lan', lan],
      [join(dataDir, 'keys', 'lan'), lan],
    ] as const) {
      const money = await open(wallet);
      expect(money.wallet.coldkey).toBe(coldkey);
      await money.stop();
    }
  });

  it.each([
    ['nobody', 'lan', 'WALLET_NOT_FOUND'],
    ['/nowhere/at/all', 'lan', 'WALLET_NOT_FOUND'],
    ['lan', 'another', 'WALLET_NOT_FOUND'],
    ['rig', 'lan', 'WALLET_WITHOUT_COLDKEY'],
  ])('is not “%s” on %s', async (wallet, network, code) => {
    await expect(open(wallet, network)).rejects.toMatchObject({ code });
  });

  it('knows the names of the address book and of the wallets of that network, and leaves the book alone', async () => {
    const friend = accountText(newPhrase(12)).address;
    const book = await openContacts(
      dataDir,
      () => undefined,
      () => [],
    );
    await book.set(friend, 'exchange');
    await writeFile(join(dataDir, 'contacts.json'), 'damaged');
    const { names } = await open('mine');
    expect(names).toEqual(
      expect.arrayContaining([
        { name: 'exchange', address: friend },
        { name: 'mine', address: own.address },
        { name: 'lan', address: lan },
      ]),
    );
    expect(await readFile(join(dataDir, 'contacts.json'), 'utf8')).toBe('damaged');
  });

  it('works beside a host that holds the data folder, and for one terminal at a time', async () => {
    const host = await openDataFolder(dataDir);
    onTestFinished(() => host.release());
    await open('mine');
    await expect(open('mine')).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
  });

  it('remembers what was signed, for the terminal after it', async () => {
    const money = await open('mine');
    const account = { network: 'lan', coldkey: own.address };
    const intent = { kind: 'transfer', to: owner.address, amountRao: rao(2n * TAO) } as const;
    const quote = await money.desk.quote({ account, intent }, signal);
    const id = await money.desk.ask(quote.id);
    // It is handed over, and the terminal goes away before any block.
    await money.desk.approve(id, { password: null, typed: quote.typedConsent }, signal);
    expect(money.desk.transactions(account)).toMatchObject([{ id, state: { kind: 'sent' } }]);
    await money.stop();
    const later = await open('mine');
    const done = new Promise<void>((resolve) => {
      later.desk.onTransaction(({ transaction }) => transaction.state.kind === 'done' && resolve());
    });
    await sealing(devnet, done);
    expect(later.desk.transactions(account)).toMatchObject([{ id, intent, state: { kind: 'done' } }]);
  });
});
