import { dirname } from 'node:path';
import type { SigningEnded } from '../src-shared/contract/page/money.ts';
import type { EndedTask } from '../src-shared/contract/signing.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import type { ThemeChoice } from '../src-shared/theme.ts';
import { markOf } from './host-money.ts';
import type { HostWallets } from './host-wallets.ts';
import type { MoveDesk } from './moving/move-desk.ts';
import type { Networks } from './network/networks.ts';
import type { Runs } from './runs/runs.ts';
import type { Settings } from './settings/settings-file.ts';
import { openSigningDesk, type SigningDesk } from './signing-desk.ts';
import { noteBackup } from './vault/wallets/backup-note.ts';
import type { Told } from './view/told.ts';
import type { ViewKeeper } from './view/view-keeper.ts';
import type { MoneyDesk } from './wallet/desk.ts';
import { walletPlace } from './wallet-place.ts';

export interface SigningOf {
  readonly dataDir: string;
  readonly shell: 'web' | 'electron';
  readonly networks: Networks;
  readonly settings: Settings;
  readonly runs: Runs;
  readonly keeper: ViewKeeper;
  readonly told: Told;
  readonly money: MoneyDesk;
  readonly wallets: HostWallets;
  readonly moves: MoveDesk;
  readonly signal: AbortSignal;
}

/** The signing desk, and the window that a shell opens for it. */
export interface HostSigning {
  readonly signing: SigningDesk;
  /** @throws {AppError} SIGNING_NO_WINDOW */
  openSigning(theme: ThemeChoice): Promise<string | null>;
  opensSigning(open: () => Promise<string | null>): void;
}

/** Orders of the money desk and wallets of this computer come together in the one window; the page hears that it waits. */
export function openSigning(host: SigningOf): HostSigning {
  const { dataDir, shell, networks, settings, runs, keeper, told, money, wallets, moves, signal } = host;
  const signing = openSigningDesk({
    ...{ shell, orders: money, moves, signal },
    placeOf(name) {
      const genesis = networks.all.get(name)?.genesisHash ?? null;
      const place = walletPlace(dataDir, settings.values, { name, genesis, mark: markOf(runs, name) });
      if (!place) throw new AppError('NETWORK_NOT_OPEN', { network: name });
      return place;
    },
    async walletOf(coldkey, network) {
      await wallets.shelf.refresh();
      const found = wallets.shelf.coldkeyOf(coldkey, network);
      if (found?.opens !== 'password') throw new AppError('WALLET_UNKNOWN', { address: coldkey });
      return { name: found.walletName, folder: dirname(found.path), isUsers: found.isUsers };
    },
    wrong: wallets.wrong,
    noteBackedUp: noteBackup,
    onWallets: () => void wallets.shelf.refresh().catch(told.problem),
  });
  signing.onChange(() => keeper.update({ signing: signing.waits, signingEnded: unsigned(signing.ended) }));
  let open = (): Promise<string | null> => Promise.reject(new AppError('SIGNING_NO_WINDOW'));
  return {
    signing,
    openSigning(theme) {
      signing.wear(theme);
      return open();
    },
    opensSigning(opener) {
      open = opener;
    },
  };
}

/** What was signed is told by its transaction, and what was taken back its page knows. */
const unsigned = (ended: EndedTask | null): SigningEnded | null =>
  ended && (ended.how === 'denied' || ended.how === 'expired')
    ? { id: ended.id, how: ended.how, sentence: ended.sentence }
    : null;
