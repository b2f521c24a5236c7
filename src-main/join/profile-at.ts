import { AppError } from '../../src-shared/errors/app-error.ts';
import { parseProfile, profileHash } from '../../src-shared/profile/profile.ts';
import type { Consensus, Profile } from '../../src-shared/profile/schema.ts';
import { type StoreAddress, shownStoreAddress } from '../../src-shared/stores/store-address.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import { fetchProfileText } from './fetch-profile.ts';
import { parseJson } from './read-profile.ts';

/**
 * The profile that lies in a store under its hash, and is what has it.
 * @throws {AppError} RUN_STORE_SILENT, RUN_STORE_WITHOUT_PROFILE, PROFILE_INVALID, PROFILE_HASH_WRONG, CANCELLED
 */
export async function profileAt(store: StoreAddress, hash: Hex, signal: AbortSignal): Promise<Profile> {
  const profile = parseProfile(parseJson(await fetchProfileText(store, hash, signal)));
  if (profileHash(profile.consensus) !== hash)
    throw new AppError('PROFILE_HASH_WRONG', {
      store: shownStoreAddress(store),
      announced: hash.slice(0, 16),
    });
  return profile;
}

/**
 * One that takes over from another is announced by the key that the other names, on the other's own chain. What it was
 * lies in the same store under its own hash.
 * @throws {AppError} PREDECESSOR_OTHER, or as `profileAt`
 */
export async function demandPredecessor(
  consensus: Pick<Consensus, 'predecessor' | 'chain'>,
  store: StoreAddress,
  ownerColdkey: Ss58 | null,
  signal: AbortSignal,
): Promise<void> {
  const { predecessor, chain } = consensus;
  if (!predecessor) return;
  const before = await profileAt(store, predecessor.hash, signal);
  demandSameHands(before.consensus, { ...chain, ownerColdkey });
}

/**
 * Whether a run may take over from another: the same owner says both, on the same subnet of the same chain.
 * @throws {AppError} PREDECESSOR_OTHER
 */
export function demandSameHands(
  before: Consensus,
  {
    genesis,
    netuid,
    ownerColdkey,
  }: Pick<Consensus['chain'], 'genesis' | 'netuid'> & { readonly ownerColdkey: Ss58 | null },
): void {
  const { chain } = before;
  if (chain.identity.ownerColdkey !== ownerColdkey || chain.genesis !== genesis || chain.netuid !== netuid)
    throw new AppError('PREDECESSOR_OTHER', { predecessor: profileHash(before).slice(0, 16) });
}
