import type { Pace } from '../../../src-node/pace.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Manifest, StoredFile } from '../../../src-shared/published/manifest.ts';
import type { StoredState } from '../../../src-shared/published/state-index.ts';
import type { Progress } from '../progress.ts';

export type { StoredState };

/** A state on this computer: its manifest, read and sound, beside the files that it names. */
export interface LocalState {
  readonly folder: string;
  readonly manifest: Manifest;
  /** As it lies there, to the byte. */
  readonly manifestText: string;
}

export interface Put {
  readonly state: StoredState;
  readonly sentBytes: number;
  /** What was there already, and was not sent again. */
  readonly foundBytes: number;
}

export interface Verified {
  readonly account: string | null;
  readonly place: string;
  readonly isPublic: boolean | null;
  readonly sentMs: number;
  readonly receivedMs: number;
}

/** What a store works with while a job lasts. */
export interface StoreGround {
  readonly pace: Pace;
  readonly progress: Progress;
  /** It was asked to wait, or something failed that is tried again at that wall-clock time. */
  waiting(reason: 'asked' | 'failed', untilMs: number): void;
  /** Resolves after so long, or when the signal aborts. */
  pause(pauseMs: number, signal: AbortSignal): Promise<void>;
}

export interface PutOptions {
  /** What is private is opened to all with this state. Stores that know no difference do nothing. */
  readonly isPublic: boolean;
}

/** A run's profile as it is put: a small file, named by its content. */
export interface LocalProfile {
  /** In the store, from its root. */
  readonly path: string;
  readonly text: string;
}

/** Bytes of a file; `end` is the first that is not wanted. */
export interface ReadRange {
  readonly begin: number;
  readonly end?: number | undefined;
}

/** The whole of a file is asked for without a range, which a server may answer by other words. */
export const isPart = ({ begin, end }: ReadRange): boolean => begin > 0 || end !== undefined;

/** As HTTP says it. */
export const rangeHeader = ({ begin, end }: ReadRange): string =>
  `bytes=${begin}-${end === undefined ? '' : end - 1}`;

/** States as anybody reads them. All failures are AppErrors of the catalogue's part on stores; all work ends with the signal. */
export interface StateReader {
  /** What it has whole, oldest first. */
  list(signal: AbortSignal): Promise<readonly StoredState[]>;
  /**
   * Bytes of one file of a state from `begin` on, up to `end` where one is named. The store is not believed: whoever reads knows how many there must be.
   * @throws {AppError} STORE_STATE_MISSING
   */
  read(tag: string, name: string, range: ReadRange, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Where states are kept by their owner: each under its tag, whole or not there, and never changed. */
export interface StateStore extends StateReader {
  /**
   * Whether states can be put here and had again: writes the sample, reads it, takes it away.
   * @throws {AppError} STORE_KEY_REFUSED, STORE_SCOPE_MISSING, STORE_PLACE_MISSING, STORE_ROUND_TRIP_WRONG, …
   */
  verify(sample: Uint8Array, signal: AbortSignal): Promise<Verified>;
  /**
   * Puts a state, sending only what is not there yet; one that is there already is found and left alone.
   * @throws {AppError} STORE_STATE_DIFFERS where another one has its tag
   */
  put(state: LocalState, options: PutOptions, signal: AbortSignal): Promise<Put>;
  /**
   * Puts a profile where all can read it, whole or not at all, and never over another text.
   * @returns whether it was not there yet
   * @throws {AppError} STORE_FILE_DIFFERS, STORE_PRIVATE, and as `put`
   */
  putProfile(profile: LocalProfile, signal: AbortSignal): Promise<boolean>;
  /** Gives up all that is older than this state. */
  keepFrom(tag: string, signal: AbortSignal): Promise<void>;
}

export const missing = (place: string, tag: string) => new AppError('STORE_STATE_MISSING', { place, tag });
export const differs = (place: string, tag: string) => new AppError('STORE_STATE_DIFFERS', { place, tag });

/**
 * Whether a text that was found is the profile that is to be put there.
 * @param found null for one that is longer than a profile
 * @throws {AppError} STORE_FILE_DIFFERS
 */
export function demandSameProfile(place: string, { path, text }: LocalProfile, found: string | null): void {
  if (found !== text) throw new AppError('STORE_FILE_DIFFERS', { place, path });
}

/** What a local file turned out to be while it was read. @throws {AppError} PUBLISH_FOLDER_UNFIT */
export function demandDigest(folder: string, { name, sha256 }: StoredFile, found: string): void {
  if (found !== sha256)
    throw new AppError('PUBLISH_FOLDER_UNFIT', { path: folder, what: `${name} has changed` });
}
