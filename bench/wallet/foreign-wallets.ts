import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { openBrought, openLocked } from '../../src-main/vault/locked/lock.ts';
import { type FoundWallet, readWallets } from '../../src-main/vault/wallets/read-wallets.ts';
import { addressOf } from '../../src-shared/rounds/ss58.ts';
import { installed, output, type PythonHome } from '../chain/python.ts';
import { lastJson } from '../chain/sdk-reads.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';

const SCRIPT = fileURLToPath(new URL('./foreign.py', import.meta.url));
const PACKAGES = ['bittensor-wallet==4.1.0', 'cryptography==50.0.2', 'ansible-vault==4.1.0'];
const PASSWORD = 'pass wörd 38';
/** Public, for tests. */
const PHRASE = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
const HELD = { floor: 1 };
/** Where a damaged file ends: within the salt, the nonce or the first block of each kind. */
const CUT_BYTES = 40;

/** Share of foreign key files that open to the right address, and are refused for the right reason when they should be. */
export async function foreignWallets(): Promise<Figure> {
  let python: PythonHome;
  try {
    python = await installed(PACKAGES);
  } catch (error) {
    return unmeasured(
      'foreign-wallets',
      '',
      `${PACKAGES.join(', ')} cannot be installed here: ${error}`,
      HELD,
    );
  }
  const home = await mkdtemp(join(tmpdir(), 'butterfly-foreign-'));
  try {
    const root = join(home, 'wallets');
    const expected = lastJson(await output(python.program('python'), [SCRIPT, root, PASSWORD], home));
    const wallets = await readWallets(root);
    const outcomes: [string, boolean][] = [];
    for (const [name, address] of Object.entries(expected)) {
      const wallet = wallets.find((each) => each.name === name);
      if (!wallet) outcomes.push([name, false]);
      else
        for (const [what, isRight] of await looked(wallet, address))
          outcomes.push([`${name} ${what}`, isRight]);
    }
    outcomes.push(...(await keystores()));
    const wrong = outcomes.filter(([, isRight]) => !isRight).map(([what]) => what);
    const right = outcomes.length - wrong.length;
    const seen = `${right} of ${outcomes.length}${wrong.length > 0 ? `; not: ${wrong.join(', ')}` : ''}`;
    return figure('foreign-wallets', right / outcomes.length, '', { ...HELD, seen });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** What browser wallets export, by the library that they export with: one account in the forms that it comes in. */
async function keystores(): Promise<[string, boolean][]> {
  await cryptoWaitReady();
  const outcomes: [string, boolean][] = [];
  for (const [kind, uri, ss58Format] of [
    ['keystore', PHRASE, 42],
    ['keystore of a derived account', `${PHRASE}/soft//hard`, 42],
    ['keystore with an address of another network', PHRASE, 0],
  ] as const) {
    const pair = new Keyring({ type: 'sr25519', ss58Format }).createFromUri(uri);
    const file = pair.toJson(PASSWORD);
    const address = addressOf(pair.publicKey);
    const cut = { ...file, encoded: file.encoded.slice(0, 80) };
    const open = pair.toJson();
    outcomes.push(
      [`${kind} opens`, (await exported(file, PASSWORD)) === address],
      [`${kind} without a password`, (await exported(open, '')) === address],
      [`${kind} with a wrong password`, (await exported(file, `${PASSWORD}.`)) === 'KEY_PASSWORD_WRONG'],
      [`${kind} cut short`, (await exported(cut, PASSWORD)) === 'KEY_FILE_CORRUPT'],
    );
  }
  const edwards = new Keyring({ type: 'ed25519' }).createFromUri(PHRASE).toJson(PASSWORD);
  outcomes.push(['keystore of ed25519', (await exported(edwards, PASSWORD)) === 'KEYSTORE_KIND']);
  return outcomes;
}

async function exported(file: object, password: string): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(file));
  const typed = new TextEncoder().encode(password);
  return answered(async (signal) => (await openBrought('keystore', bytes, typed, signal)).address);
}

/** A locked file three times: with its password, with another one, and cut short. */
async function looked({ coldkey }: FoundWallet, address: string | null): Promise<[string, boolean][]> {
  const { kind, path } = coldkey;
  if (kind !== 'locked') return [[kind, coldkey.address === address && coldkey.fault === null]];
  const file = await readFile(path);
  return [
    ['opens', (await opened(path, file, PASSWORD)) === address],
    ['with a wrong password', (await opened(path, file, `${PASSWORD}.`)) === 'KEY_PASSWORD_WRONG'],
    ['cut short', (await opened(path, file.subarray(0, CUT_BYTES), PASSWORD)) === 'KEY_FILE_CORRUPT'],
  ];
}

const opened = (path: string, file: Uint8Array, password: string): Promise<string> =>
  answered(async (signal) =>
    addressOf((await openLocked(path, file, new TextEncoder().encode(password), signal)).publicKey),
  );

/** The address that it opens to, or the code of its refusal. */
async function answered(open: (signal: AbortSignal) => Promise<string>): Promise<string> {
  try {
    return await open(new AbortController().signal);
  } catch (thrown) {
    return String((thrown as { code?: unknown }).code);
  }
}
