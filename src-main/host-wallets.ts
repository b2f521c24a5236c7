import { join } from 'node:path';
import type { Contact } from '../src-shared/contract/page/money.ts';
import type { SettingValues } from '../src-shared/settings.ts';
import { placeOf } from './data-folder/place.ts';
import { OWN_KEYS_FOLDER } from './join/keys.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { Runs } from './runs/runs.ts';
import type { Settings } from './settings/settings-file.ts';
import { defaultWalletsDir } from './vault/wallets/layout.ts';
import { type WrongPasswordsByFile, wrongPasswordsByFile } from './vault/wrong-passwords.ts';
import type { Told } from './view/told.ts';
import type { ViewKeeper } from './view/view-keeper.ts';
import { type Contacts, openContacts } from './wallet/contacts.ts';
import { openShelf, type Shelf } from './wallet/shelf.ts';

export interface HostWallets {
  readonly shelf: Shelf;
  readonly contacts: Contacts;
  /** Of all that open key files here. */
  readonly wrong: WrongPasswordsByFile;
  stop(): void;
}

export interface WalletsOf {
  readonly dataDir: string;
  readonly settings: Settings;
  readonly runs: Runs;
  readonly keeper: ViewKeeper;
  readonly told: Told;
  readonly signal: AbortSignal;
}

/** Folder of the user's wallets, as chosen. @throws {AppError} DATA_DIR_INVALID, HOME_UNKNOWN */
export const walletsRoot = (values: SettingValues): string =>
  values['wallet.folder'] === '' ? defaultWalletsDir() : placeOf(values['wallet.folder']);

/** Wallets and their hotkeys by the names that they are shown with. */
function namesOf(wallets: Shelf['wallets']): readonly Contact[] {
  return wallets.flatMap(({ name, coldkey, hotkeys }) => [
    ...(coldkey ? [{ address: coldkey, name }] : []),
    ...hotkeys.flatMap((hotkey) =>
      hotkey.address === null
        ? []
        : [hotkey.name, `${name} / ${hotkey.name}`].map((each) => ({ address: hotkey.address, name: each })),
    ),
  ]) as readonly Contact[];
}

/** The wallets and the address book of this computer, shown; a run's wallet is among them while the run is there. */
export async function openWallets(host: WalletsOf): Promise<HostWallets> {
  const { dataDir, settings, runs, keeper, told, signal } = host;
  const shelf = await openShelf({
    root: () => walletsRoot(settings.values),
    ownKeys: join(dataDir, OWN_KEYS_FOLDER),
    told: (fault) => (fault ? told.notice(fault) : told.clearNotice('WALLETS_UNREADABLE')),
    signal,
  });
  const contacts = await openContacts(dataDir, told.notice, () => namesOf(shelf.wallets));
  const show = () => keeper.update({ wallets: shelf.wallets });
  show();
  keeper.update({ contacts: contacts.all });

  const lent = new Map<string, () => void>();
  function takeBack({ id }: Pick<LiveRun, 'id'>): void {
    lent.get(id)?.();
    lent.delete(id);
  }
  function lend({ id, keysDir, facts }: LiveRun): void {
    takeBack({ id });
    lent.set(id, shelf.lend({ folder: keysDir, network: facts.network }));
  }
  const off = [
    shelf.onChange(show),
    settings.onChange((id) => id === 'wallet.folder' && void shelf.refresh().catch(told.problem)),
    runs.on('begun', lend),
    runs.on('gone', takeBack),
    runs.on('failed', takeBack),
  ];
  return {
    shelf,
    contacts,
    wrong: wrongPasswordsByFile(),
    stop() {
      for (const unsubscribe of off) unsubscribe();
      shelf.stop();
    },
  };
}
