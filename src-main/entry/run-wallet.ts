import { describeError } from '../../src-shared/errors/app-error.ts';
import { programCalled } from '../../src-shared/program-name.ts';
import type { WalletOptions } from '../commands/wallet.ts';
import { defaultDataDir } from '../data-folder.ts';
import { walletsRoot } from '../host-wallets.ts';
import { peekSettings } from '../settings/settings-file.ts';
import { type FoundKey, type FoundWallet, readWallets } from '../vault/wallets/read-wallets.ts';
import { watchColdkey } from '../vault/wallets/watch-coldkey.ts';
import { backUpWallet } from './back-up-wallet.ts';
import { type Conversation, terminalConversation } from './conversation.ts';
import { importWallet } from './import-wallet.ts';
import { newWallet, restoreWallet } from './new-wallet.ts';
import { print } from './terminal.ts';

/** What a wallet is called of which only the address is here, where nothing else is said. */
const WATCHED_NAME = 'watched';

/** The wallets of this user, or a new one. @returns the exit code */
export async function walletAtTerminal(said: WalletOptions, signal: AbortSignal): Promise<number> {
  const root = said.folder ?? walletsRoot(await peekSettings(defaultDataDir()));
  if (said.watch !== null) {
    const path = await watchColdkey(root, { name: said.name ?? WATCHED_NAME, address: said.watch });
    print(`The account is shown from now on, as the wallet in ${path}. Its coldkey stays where it is.`);
    return 0;
  }
  if ([said.create, said.restore, said.backup, said.import].some((wanted) => wanted !== null)) {
    await withPerson({ ...said, root }, terminalConversation(process.stdin, process.stdout, signal), signal);
    return 0;
  }
  const wallets = await readWallets(root);
  if (said.json) print(JSON.stringify(wallets, null, 2));
  else for (const line of walletLines(wallets, root)) print(line);
  return 0;
}

async function withPerson(
  { root, create, restore, backup, import: from, name, words }: WalletOptions & { readonly root: string },
  talk: Conversation,
  signal: AbortSignal,
): Promise<void> {
  if (from !== null) await importWallet({ root, from, name }, talk, signal);
  else if (backup !== null) await backUpWallet({ root, name: backup }, talk, signal);
  else if (restore !== null) await restoreWallet({ root, name: restore }, talk, signal);
  else if (create !== null)
    await newWallet({ root, name: create, words: words === '24' ? 24 : 12 }, talk, signal);
}

export function walletLines(wallets: readonly FoundWallet[], root: string): string[] {
  if (wallets.length === 0)
    return [`There is no wallet in ${root}. Make one with: ${programCalled()} wallet --create default`];
  return wallets.flatMap(({ name, coldkey, hotkeys }) => [
    name,
    `  coldkey  ${keyWords(coldkey)}`,
    ...hotkeys.map((hotkey) => `  hotkey   ${keyWords(hotkey)}  ${hotkey.name}`),
  ]);
}

function keyWords({ kind, address, fault }: FoundKey): string {
  const states: Readonly<Record<FoundKey['kind'], string>> = {
    open: 'without a password',
    locked: 'locked',
    absent: 'not on this computer',
    broken: 'cannot be read',
  };
  const said = `${address ?? 'address unknown'}  ${states[kind]}`;
  return fault ? `${said}. ${describeError(fault).sentence}` : said;
}
