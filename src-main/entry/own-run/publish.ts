import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskError } from '../../../src-node/disk-error.ts';
import { replaceFile } from '../../../src-node/durable.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { profilePath } from '../../../src-shared/profile/announcement.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import { whyNotRunnable } from '../../../src-shared/profile/runnable.ts';
import type { Profile } from '../../../src-shared/profile/schema.ts';
import { type StoreAddress, shownStoreAddress } from '../../../src-shared/stores/store-address.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { demandPredecessor, profileAt } from '../../join/profile-at.ts';

/**
 * Puts a profile where others read it, and reads it there as they will. A folder is written to; what serves others has
 * its files by other ways, so of it is only told what has to lie where.
 * @returns the hash under which it lies
 * @throws {AppError} PROFILE_UNPINNED, PROFILE_WITHOUT_PEERS, RUN_PUT_BY_HAND, PROFILE_HASH_WRONG, RUN_STORE_SILENT, or
 * of the disk
 */
export async function publishProfile(
  profile: Profile,
  store: StoreAddress,
  signal: AbortSignal,
): Promise<Hex> {
  const hash = demandWhole(profile);
  if (store.kind === 'folder') await writeTo(join(store.path, profilePath(hash)), publicText(profile));
  await demandServed(profile, store, signal);
  return hash;
}

/** @throws {AppError} PROFILE_UNPINNED, PROFILE_WITHOUT_PEERS: nobody could join by it */
export function demandWhole(profile: Profile): Hex {
  const problem = whyNotRunnable(profile);
  if (problem) throw new AppError(problem.code, problem.params);
  if (profile.local.bootstrap.length === 0)
    throw new AppError('PROFILE_WITHOUT_PEERS', { name: profile.consensus.name });
  return profileHash(profile.consensus);
}

/**
 * Whether a store gives a profile, and what it takes over from, as those will read it who join.
 * @throws {AppError} RUN_PUT_BY_HAND, PROFILE_HASH_WRONG, PROFILE_INVALID, PREDECESSOR_OTHER, RUN_STORE_SILENT
 */
export async function demandServed(
  { consensus }: Profile,
  store: StoreAddress,
  signal: AbortSignal,
): Promise<void> {
  const hash = profileHash(consensus);
  await profileAt(store, hash, signal).catch(putByHand(store, hash));
  const { predecessor, chain } = consensus;
  if (predecessor)
    await demandPredecessor(consensus, store, chain.identity.ownerColdkey, signal).catch(
      putByHand(store, predecessor.hash),
    );
}

const putByHand = (store: StoreAddress, hash: Hex) => (thrown: unknown) => {
  if (!(thrown instanceof AppError) || thrown.code !== 'RUN_STORE_WITHOUT_PROFILE') throw thrown;
  throw new AppError('RUN_PUT_BY_HAND', { store: shownStoreAddress(store), path: profilePath(hash) }, thrown);
};

/** Where the files of this computer lie is nobody else's. */
function publicText({ consensus, local: { textFolder: _, ...local } }: Profile): string {
  return `${JSON.stringify({ consensus, local }, null, 2)}\n`;
}

async function writeTo(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (thrown) {
    throw diskError(thrown, path);
  }
  await replaceFile(path, text, 0o644);
}
