import { listeners } from '../../src-node/listeners.ts';
import { turns } from '../../src-node/turns.ts';
import { endsWithin } from '../../src-node/waits.ts';
import type { ColdkeyOpens, WalletSummary } from '../../src-shared/contract/page/money.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { lookAtWallets } from '../vault/locked/lock.ts';
import { noteBackup } from '../vault/wallets/backup-note.ts';
import { traceOf } from '../vault/wallets/read-places.ts';
import { watchColdkey } from '../vault/wallets/watch-coldkey.ts';
import { SHELF_FIRST_MS } from './limits.ts';
import { type LentWallet, onShelf, shelfPlaces } from './shelf-places.ts';
import { type ShelvedWallet, toSummary } from './wallet-summary.ts';
import { watchFolder } from './watch-folder.ts';

/** Where the coldkey of an account lies on this computer. */
export interface ColdkeyPlace {
  readonly walletName: string;
  readonly opens: ColdkeyOpens;
  /** It lies in the user's own folder, for whatever network: not one that Butterfly made for a network. */
  readonly isUsers: boolean;
  /** Of its key file, which is there unless it opens 'elsewhere'. */
  readonly path: string;
}

/**
 * The wallets of this computer: those in the folder where the field's tools keep them, Butterfly's own for networks
 * that have some, and those that runs work with. Looking writes nothing, and no secret is kept here.
 */
export interface Shelf {
  /** Those of the user's folder first, by name. */
  readonly wallets: readonly WalletSummary[];
  onChange(listener: () => void): () => void;
  /**
   * Where this coldkey lies, for use on that network; where it opens, if there are several places.
   * @returns null for one that no wallet here knows
   */
  coldkeyOf(address: Ss58, network: string): ColdkeyPlace | null;
  /** Looks again. Resolves once what lies on the disk is what is shown. @throws {AppError} TIMEOUT, CANCELLED */
  refresh(): Promise<void>;
  /** Shows the wallet of a run while it lasts. @returns what takes it away */
  lend(wallet: LentWallet): () => void;
  /**
   * Somebody has proved to have the backup of this coldkey: its address may be given out for deposits from now on.
   * @throws {AppError} WALLET_UNKNOWN, or of the disk
   */
  noteBackedUp(address: Ss58): Promise<void>;
  /**
   * Keeps an account in sight whose coldkey is elsewhere, as a wallet in the user's folder.
   * @throws {AppError} ADDRESS_INVALID, WALLET_HAS_ADDRESS, WALLET_NAME_INVALID, WALLET_EXISTS, or of the disk
   */
  watchColdkey(watched: { readonly name: string; readonly address: Ss58 }): Promise<void>;
  stop(): void;
}

export interface ShelfOptions {
  /** Folder of the user's wallets; asked again at each look. */
  root(): string;
  /** Below it lie keys of Butterfly's own, in a folder for each network. */
  readonly ownKeys: string;
  /** Some of the wallets cannot be looked at; null once all can. */
  told(fault: CodedError | null): void;
  readonly signal: AbortSignal;
}

/** Looks for the first time and opens the shelf. A look that fails is told; a later one may do better. */
export async function openShelf({ root, ownKeys, told, signal }: ShelfOptions): Promise<Shelf> {
  const events = listeners<{ change: undefined }>();
  const inTurn = turns();
  const lent = new Set<LentWallet>();
  let wallets: readonly ShelvedWallet[] = [];
  let summaries: readonly WalletSummary[] = [];
  let seen = '';

  async function look(): Promise<void> {
    const places = await shelfPlaces(root(), ownKeys, lent);
    const traces = await Promise.all(places.map(traceOf));
    const trace = JSON.stringify([places, traces]);
    if (trace === seen) return;
    const isEmpty = traces.every((each) => each === '');
    const looks = isEmpty ? [] : await lookAtWallets(places, signal);
    wallets = onShelf(places, looks);
    summaries = wallets.map(toSummary);
    seen = trace;
    const at = looks.findIndex(({ fault }) => fault !== null);
    const folder = places[at]?.folder;
    told(folder === undefined ? null : { code: 'WALLETS_UNREADABLE', params: { folder } });
    events.emit('change', undefined);
  }

  const refresh = (): Promise<void> => inTurn(look);
  const refreshQuietly = (): Promise<void> =>
    refresh().catch((error: unknown) => {
      if (!signal.aborted) told(toCodedError(error));
    });
  // A disk that hangs is not to keep the host from starting; what it says later is shown then.
  await endsWithin(refreshQuietly(), SHELF_FIRST_MS);
  const unwatch = watchFolder(root, () => void refreshQuietly());

  const ofColdkey = (address: Ss58) => wallets.filter(({ coldkey }) => coldkey === address);

  return {
    get wallets() {
      return summaries;
    },
    onChange: (listener) => events.on('change', listener),
    coldkeyOf(address, network) {
      const places = ofColdkey(address).filter((wallet) => [null, network].includes(wallet.network));
      const best = (['password', 'plain', 'elsewhere'] as const).flatMap((how) =>
        places.filter(({ opens }) => opens === how),
      )[0];
      if (!best) return null;
      const { name: walletName, opens, coldkeyPath: path } = best;
      return { walletName, opens, isUsers: best.network === null, path };
    },
    refresh,
    lend(wallet) {
      lent.add(wallet);
      void refreshQuietly();
      return () => {
        lent.delete(wallet);
        void refreshQuietly();
      };
    },
    async noteBackedUp(address) {
      await refresh();
      const places = ofColdkey(address);
      if (places.length === 0) throw new AppError('WALLET_UNKNOWN', { address });
      for (const { folder } of places) await noteBackup(folder, address, Date.now());
      await refresh();
    },
    async watchColdkey(watched) {
      await refresh();
      const [known] = ofColdkey(watched.address).filter(({ network }) => network === null);
      if (known) throw new AppError('WALLET_HAS_ADDRESS', { name: known.name, folder: known.folder });
      await watchColdkey(root(), watched);
      await refresh();
    },
    stop: unwatch,
  };
}
