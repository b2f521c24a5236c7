import { AppError } from '../../../src-shared/errors/app-error.ts';
import { profilePath } from '../../../src-shared/profile/announcement.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import { whyNotRunnable } from '../../../src-shared/profile/runnable.ts';
import type { Profile } from '../../../src-shared/profile/schema.ts';
import { type StoreAddress, shownStoreAddress } from '../../../src-shared/stores/store-address.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { fetchProfileText } from '../../join/fetch-profile.ts';
import { demandPredecessor, profileAt } from '../../join/profile-at.ts';
import type { WritableAddress } from '../../publishing/own-place.ts';

/** Puts a profile's text into a store under its hash. @throws {AppError} of the store, its token, or the disk */
export type PutProfile = (
  store: WritableAddress,
  profile: { readonly hash: Hex; readonly text: string },
  signal: AbortSignal,
) => Promise<void>;

/**
 * Puts a profile where others read it, and reads it there as they will: without the key that put it. What lies on the web
 * comes there by its own ways, so of it is only told what has to lie where.
 * @returns the hash under which it lies
 * @throws {AppError} PROFILE_UNPINNED, PROFILE_WITHOUT_PEERS, RUN_NOT_READ_BY_OTHERS, STORE_ROUND_TRIP_WRONG,
 * RUN_PUT_BY_HAND, PROFILE_HASH_WRONG, RUN_STORE_SILENT, or as `put`
 */
export async function publishProfile(
  profile: Profile,
  store: StoreAddress,
  put: PutProfile,
  signal: AbortSignal,
): Promise<Hex> {
  const hash = demandWhole(profile);
  if (store.kind === 'web') {
    await demandServed(profile, store, signal);
    return hash;
  }
  const text = publicText(profile);
  await put(store, { hash, text }, signal);
  await demandReadBack(store, hash, text, signal);
  await demandPredecessorServed(profile, store, signal);
  return hash;
}

/** To the byte: peers to ask first are no part of the hash, and a store that writes others there is none to announce. */
async function demandReadBack(
  store: StoreAddress,
  hash: Hex,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const named = shownStoreAddress(store);
  const found = await fetchProfileText(store, hash, signal).catch((thrown: unknown) => {
    const why = thrown instanceof AppError ? whyUnread(thrown) : null;
    throw why === null ? thrown : new AppError('RUN_NOT_READ_BY_OTHERS', { store: named, why }, thrown);
  });
  if (found !== text) throw new AppError('STORE_ROUND_TRIP_WRONG', { store: named });
}

function whyUnread({ code, params }: AppError): string | null {
  if (code === 'RUN_STORE_SILENT') return String(params.why);
  return code === 'RUN_STORE_WITHOUT_PROFILE' ? 'it says that it has none' : null;
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
  profile: Profile,
  store: StoreAddress,
  signal: AbortSignal,
): Promise<void> {
  const hash = profileHash(profile.consensus);
  await profileAt(store, hash, signal).catch(putByHand(store, hash));
  await demandPredecessorServed(profile, store, signal);
}

async function demandPredecessorServed(
  { consensus }: Profile,
  store: StoreAddress,
  signal: AbortSignal,
): Promise<void> {
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
