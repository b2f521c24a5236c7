import { describeError } from '../../src-shared/errors/app-error.ts';
import type { WalletOptions } from '../commands/wallet.ts';
import { defaultWalletsDir } from '../vault/wallets/layout.ts';
import { type FoundKey, type FoundWallet, readWallets } from '../vault/wallets/read-wallets.ts';
import { terminalConversation } from './conversation.ts';
import { newWallet, restoreWallet } from './new-wallet.ts';
import { print } from './terminal.ts';

/** The wallets of this user, or a new one. @returns the exit code */
export async function walletAtTerminal(said: WalletOptions, signal: AbortSignal): Promise<number> {
  const root = said.folder ?? defaultWalletsDir();
  if (said.create !== null || said.restore !== null) {
    const talk = terminalConversation(process.stdin, process.stdout, signal);
    if (said.restore !== null) await restoreWallet({ root, name: said.restore }, talk, signal);
    else
      await newWallet({ root, name: said.create ?? '', words: said.words === '24' ? 24 : 12 }, talk, signal);
    return 0;
  }
  const wallets = await readWallets(root);
  if (said.json) print(JSON.stringify(wallets, null, 2));
  else for (const line of walletLines(wallets, root)) print(line);
  return 0;
}

export function walletLines(wallets: readonly FoundWallet[], root: string): string[] {
  if (wallets.length === 0)
    return [`There is no wallet in ${root}. Make one with: npm start -- wallet --create default`];
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
