import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { newPhrase } from '../../src-main/vault/account-text.ts';
import { createWallet } from '../../src-main/vault/wallets/create-wallet.ts';
import { installed, output, type PythonHome } from '../chain/python.ts';
import { lastJson } from '../chain/sdk-reads.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';

const SCRIPT = fileURLToPath(new URL('./read.py', import.meta.url));
const VERSION = '4.1.0';
const PASSWORD = 'pass wörd 38';
const HELD = { floor: 3 };

/** How many of a wallet's three files `bittensor-wallet` opens to the right address: coldkey, its public half, hotkey. */
export async function walletsReadByBtcli(): Promise<Figure> {
  let python: PythonHome;
  try {
    python = await installed([`bittensor-wallet==${VERSION}`]);
  } catch (error) {
    return unmeasured(
      'wallets-read-by-btcli',
      '',
      `bittensor-wallet ${VERSION} cannot be installed here: ${error}`,
      HELD,
    );
  }
  await cryptoWaitReady();
  const home = await mkdtemp(join(tmpdir(), 'butterfly-ours-'));
  try {
    const root = join(home, 'wallets');
    const { signal } = new AbortController();
    const password = new TextEncoder().encode(PASSWORD);
    const made = await createWallet(root, { name: 'mine', backup: newPhrase(24), password }, signal);
    const read = lastJson(await output(python.program('python'), [SCRIPT, root, PASSWORD], home));
    const wanted = { coldkey: made.coldkey, public: made.coldkey, hotkey: made.hotkey };
    const right = Object.entries(wanted).filter(([file, address]) => read[file] === address);
    const seen = `of 3, by bittensor-wallet ${VERSION}`;
    return figure('wallets-read-by-btcli', right.length, 'files', { ...HELD, seen });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
