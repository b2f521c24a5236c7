import { readFile, stat } from 'node:fs/promises';
import { pause } from '../../../src-node/waits.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Extent } from '../../../src-shared/published/extents.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { DHT_SEEK_EVERY_MS } from '../limits.ts';
import type { Network } from '../net/link.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { PieceFile } from './piece-file.ts';
import type { Source } from './piece-plan.ts';
import { progressTeller, type StateProgress } from './telling.ts';
import { Transfer } from './transfer.ts';

export interface WantedState {
  readonly baseDigest: Hex;
  readonly sizeBytes: number;
  readonly path: string;
  /** Whether stores are looked for too: until they are closed they are waited for. */
  readonly hasStores: boolean;
}

export interface ReceiverInit {
  readonly network: Network;
  readonly disk: SpoolDisk;
  readonly pieceBytes: number;
  readonly extents: readonly Extent[];
  /** Peers that lied: nothing is asked of them. Kept for as long as this process lives: a liar is none by mistake. */
  readonly liars: Set<Ss58>;
  /** Looks for peers that give that state and are not known yet; left out: nobody does. */
  seek?(baseDigest: Hex, signal: AbortSignal): Promise<void>;
  onProgress(progress: StateProgress): void;
  /** A peer gave something that is not of the state: it is not asked again. */
  onLiar(donor: Ss58, what: 'manifest' | 'piece'): void;
}

/**
 * Brings states here, each piece of whoever gives it and verified by its digest. Its digests come first, from any peer
 * or store; together they have to come to the base digest. Peers are asked here; what stores bring is claimed and given
 * by the host, which is the one that knows them.
 */
export class StateReceiver {
  readonly #init: ReceiverInit;
  /** Null: it could not be begun. */
  readonly #transfers = new Map<Hex, Promise<Transfer | null>>();

  constructor(init: ReceiverInit) {
    this.#init = init;
  }

  /**
   * Brings a state into `path`, going on with what is there of it.
   * @returns the peers that gave of it now
   * @throws {AppError} STATE_NO_DONOR when nobody gave a piece for a named time, NOT_NOW when it is on its way already
   */
  async fetch(wanted: WantedState, signal: AbortSignal): Promise<{ bytes: number; donors: Ss58[] }> {
    const { baseDigest } = wanted;
    if (this.#transfers.has(baseDigest))
      throw new AppError('NOT_NOW', { what: 'fetchState', state: 'running' });
    const opening = this.#open(wanted, signal);
    // Before anything is waited for: stores may have something before the file is open.
    this.#transfers.set(
      baseDigest,
      opening.then(
        ({ transfer }) => transfer,
        () => null,
      ),
    );
    const over = new AbortController();
    try {
      const { file, transfer, tell } = await opening;
      void this.#seek(baseDigest, AbortSignal.any([signal, over.signal]));
      await transfer.run().catch(async (thrown: unknown) => {
        await file.close();
        throw thrown;
      });
      this.#transfers.delete(baseDigest);
      await file.finish();
      tell(true);
      return { bytes: wanted.sizeBytes, donors: [...transfer.donors] };
    } finally {
      over.abort();
      this.#transfers.delete(baseDigest);
    }
  }

  async #seek(baseDigest: Hex, signal: AbortSignal): Promise<void> {
    const { seek } = this.#init;
    while (seek && !signal.aborted) {
      await seek(baseDigest, signal).catch(() => {});
      await pause(DHT_SEEK_EVERY_MS, signal);
    }
  }

  async #open({ baseDigest, sizeBytes, path, hasStores }: WantedState, signal: AbortSignal) {
    const { network, disk, pieceBytes, extents, liars, onLiar } = this.#init;
    const file = await PieceFile.open({ path, baseDigest, sizeBytes, pieceBytes }, disk, signal);
    const tell = progressTeller(() => transfer, this.#init.onProgress);
    const transfer: Transfer = new Transfer({
      ...{ network, file, extents, hasStores, signal, onLiar, liars },
      onProgress: () => tell(false),
    });
    return { file, transfer, tell };
  }

  /** The digests of all pieces as a store has them, in a file. @returns false for those of something else */
  async giveManifest(baseDigest: Hex, path: string): Promise<boolean> {
    const transfer = await this.#transfers.get(baseDigest);
    if (!transfer) return true;
    const { size } = await stat(path);
    return size === transfer.file.listBytes && transfer.list(await readFile(path));
  }

  /**
   * What the store is to bring next.
   * @returns `isOver` when the transfer has ended; else an extent, or null while there is none for it
   */
  async claim(
    baseDigest: Hex,
    store: Source,
  ): Promise<{ readonly extent: number | null; readonly isOver: boolean }> {
    const transfer = await this.#transfers.get(baseDigest);
    if (!transfer) return { extent: null, isOver: true };
    return { extent: transfer.claim(store), isOver: false };
  }

  /** An extent lies in that file by position. @returns false when it is not of the state */
  async give(baseDigest: Hex, store: Source, extent: number, path: string): Promise<boolean> {
    const transfer = await this.#transfers.get(baseDigest);
    return transfer ? transfer.give(store, extent, path) : true;
  }

  async drop(baseDigest: Hex, store: Source, extent: number): Promise<void> {
    (await this.#transfers.get(baseDigest))?.drop(store, extent);
  }

  async closeStores(baseDigest: Hex): Promise<void> {
    (await this.#transfers.get(baseDigest))?.closeStores();
  }
}
