import { dirname, join, resolve } from 'node:path';
import { stopStack } from '../../../src-node/stop-stack.ts';
import type { Contact, WalletSummary } from '../../../src-shared/contract/page/money.ts';
import type { KnownName } from '../../../src-shared/contract/signing.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import type { ChosenNetwork } from '../../commands/money.ts';
import { path } from '../../commands/values.ts';
import { openDataFolder } from '../../data-folder.ts';
import { nameOfOwn, ownAddresses } from '../../host-money.ts';
import { walletsRoot } from '../../host-wallets.ts';
import { OWN_KEYS_FOLDER } from '../../join/keys.ts';
import type { Network } from '../../network/client.ts';
import { openNetworks } from '../../network/networks.ts';
import { endpointChosen } from '../../runs/chosen.ts';
import { peekSettings } from '../../settings/settings-file.ts';
import { openStore } from '../../store/store.ts';
import { TERMINAL_FOLDER } from '../../store/terminal-folder.ts';
import { peekContacts } from '../../wallet/contacts.ts';
import { type MoneyDesk, openMoneyDesk } from '../../wallet/desk.ts';
import { openHolders } from '../../wallet/holders.ts';
import { openShelf, type Shelf } from '../../wallet/shelf.ts';

/** What moving money takes, without a host. */
export interface TerminalMoney {
  readonly desk: MoneyDesk;
  readonly network: Network;
  readonly wallet: WalletSummary;
  /** Of the address book, and of own wallets: what a receiver can be called by. */
  readonly names: readonly Contact[];
  stop(): Promise<void>;
}

export interface MoneyAsked {
  readonly dataDir: string;
  readonly network: ChosenNetwork;
  /** The name of a wallet, or its folder. */
  readonly wallet: string;
}

/**
 * Opens what a money command works with: one network, the wallets, and a journal that outlives this process.
 * @throws {AppError} WALLET_NOT_FOUND, WALLET_WITHOUT_COLDKEY, DATA_DIR_IN_USE while another terminal moves money, of
 * the network, or of the disk
 */
export async function openTerminalMoney(
  { dataDir, network: chosen, wallet: wanted }: MoneyAsked,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<TerminalMoney> {
  const started = stopStack({
    onProblem: (name, problem) => log(`${name} did not stop cleanly: ${problem}`),
  });
  try {
    return await open();
  } catch (thrown) {
    await started.stop();
    throw thrown;
  }

  async function open(): Promise<TerminalMoney> {
    const settings = await peekSettings(dataDir);
    const shelf = await openShelf({
      root: () => walletsRoot(settings),
      ownKeys: join(dataDir, OWN_KEYS_FOLDER),
      told: (fault) => fault && log(fault.code),
      signal,
    });
    started.push('wallets', () => shelf.stop());
    const contacts = await peekContacts(dataDir);
    const wallet = await findWallet(shelf, wanted, chosen.name);
    const folder = await openDataFolder(join(dataDir, TERMINAL_FOLDER), { of: 'companion' });
    started.push('journal', () => folder.release());
    const store = await openStore({
      dataDir: folder.path,
      onProblem: (problem) => log(problem.message),
      onRecovered: () => undefined,
    });
    started.push('store', () => store.stop());
    const networks = openNetworks(log);
    started.push('networks', () => networks.stop());
    const endpoint = chosen.endpoint ?? endpointChosen(settings, chosen.name);
    // Held until the end: what was handed over is followed over it.
    const { network } = await networks.open(
      { name: chosen.name, endpoints: endpoint === null ? [] : [endpoint] },
      signal,
    );
    const desk = await openMoneyDesk({
      networks,
      holders: openHolders(shelf),
      store: store.transactions,
      openElsewhere: () => store.openElsewhere(dirname(folder.path)),
      endpointOf: (name) => (name === chosen.name ? endpoint : null),
      markOf: () => null,
      expectedOf: () => null,
      nameOf: (address) => nameOfOwn(shelf, address) ?? nameOfContact(contacts, address),
      knownAddresses: () => [...ownAddresses(shelf), ...contacts.map((one) => one.address)],
      log,
    });
    started.push('desk', () => desk.stop());
    const names = [...contacts, ...namedWallets(shelf, chosen.name)];
    return { desk, network, wallet, names, stop: () => started.stop() };
  }
}

function nameOfContact(contacts: readonly Contact[], address: Ss58): KnownName | null {
  const found = contacts.find((one) => one.address === address);
  return found ? { name: found.name, from: 'contact' } : null;
}

/** Those that the network is for. */
const namedWallets = ({ wallets }: Shelf, at: string): readonly Contact[] =>
  wallets.flatMap(({ name, coldkey, network }) =>
    coldkey === null || (network !== null && network !== at) ? [] : [{ name, address: coldkey }],
  );

/** By its folder, or by its name among those that the network is for. */
export async function findWallet(shelf: Shelf, wanted: string, network: string): Promise<WalletSummary> {
  const folder = /[/\\]/.test(wanted) ? path('FOLDER').read(wanted) : null;
  if (folder !== null) shelf.lend({ folder, network });
  // On a busy computer the shelf opens before it has looked.
  await shelf.refresh();
  const fitting = shelf.wallets.filter((one) => one.network === null || one.network === network);
  const found = fitting.find((one) =>
    folder === null ? one.name === wanted : resolve(one.folder) === folder,
  );
  if (!found) throw new AppError('WALLET_NOT_FOUND', { name: wanted, network });
  if (found.fault) throw new AppError(found.fault.code, found.fault.params);
  if (found.coldkey === null) throw new AppError('WALLET_WITHOUT_COLDKEY', { name: found.name });
  return found;
}
