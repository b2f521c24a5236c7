import { withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { announcementIn, type RunAnnouncement } from '../../src-shared/profile/announcement.ts';
import { parseProfile, profileHash } from '../../src-shared/profile/profile.ts';
import { whyNotRunnable } from '../../src-shared/profile/runnable.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import {
  isLoopbackHost,
  isNearby,
  type StoreAddress,
  shownStoreAddress,
} from '../../src-shared/stores/store-address.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Network } from '../network/client.ts';
import { knownNetwork } from '../network/known.ts';
import { fetchProfileText } from './fetch-profile.ts';
import { JOIN_READ_LIMIT_MS } from './limits.ts';
import { parseJson } from './read-profile.ts';
import type { SeenAnnouncements } from './seen-announcements.ts';

export interface RunPlace {
  readonly network: Network;
  readonly netuid: number;
  /** Where to read the profile instead of where the announcement says; its hash holds all the same. */
  readonly store: StoreAddress | null;
}

/** A run that the owner of a subnet announces there, all of it checked. */
export interface FoundRun {
  readonly announcement: RunAnnouncement;
  readonly profile: Profile;
}

/**
 * The run that is announced on a subnet. Chain, store and profile are strangers: the owner's transaction names a hash,
 * only what has that hash is the profile, and what it says of its chain must be so.
 * @throws {AppError} SUBNET_ABSENT, RUN_NOT_ANNOUNCED, ANNOUNCEMENT_OLDER, ANNOUNCEMENT_NEARBY, RUN_STORE_SILENT,
 * RUN_STORE_WITHOUT_PROFILE, PROFILE_INVALID, PROFILE_HASH_WRONG, PROFILE_CHAIN_OTHER, PROFILE_OWNER_OTHER,
 * PROFILE_UNPINNED, PREDECESSOR_OTHER, or of the network
 */
export async function findRun(
  { network, netuid, store }: RunPlace,
  seen: SeenAnnouncements,
  signal: AbortSignal,
): Promise<FoundRun> {
  const { announcement, ownerColdkey } = await readAnnouncement(network, netuid, signal);
  const { profileHash: hash } = announcement;
  await demandNewest(network.genesisHash, netuid, announcement, seen);
  const from = store ?? announcement.store;
  if (!store && isNearby(from) && !isNearbyChain(network.endpoint))
    throw new AppError('ANNOUNCEMENT_NEARBY', { store: shownStoreAddress(from) });
  const profile = parseProfile(parseJson(await fetchProfileText(from, hash, signal)));
  if (profileHash(profile.consensus) !== hash)
    throw new AppError('PROFILE_HASH_WRONG', {
      store: shownStoreAddress(from),
      announced: hash.slice(0, 16),
    });
  await demandFollows(profile, from, ownerColdkey, signal);
  demandItsChain(profile, { genesisHash: network.genesisHash, netuid, ownerColdkey });
  const problem = whyNotRunnable(profile);
  if (problem) throw new AppError(problem.code, problem.params);
  // Only of what was found whole: one that lies must not bar the one before it.
  await seen.note({ genesisHash: network.genesisHash, netuid, block: announcement.block });
  return { announcement, profile: withoutOthersPlaces(profile, network) };
}

/** What the owner says in a final block, so that nothing of it can be taken back. */
export async function readAnnouncement(
  network: Network,
  netuid: number,
  signal: AbortSignal,
): Promise<{ readonly announcement: RunAnnouncement; readonly ownerColdkey: Ss58 }> {
  const limit = withLimit(signal, JOIN_READ_LIMIT_MS);
  const { hash: at } = network.finalized ?? network.money.newest();
  const [subnet, identity] = await Promise.all([
    network.money.subnet(netuid, at, limit),
    network.money.identity(netuid, at, limit),
  ]);
  if (!subnet.isThere) throw new AppError('SUBNET_ABSENT', { netuid, chain: network.endpoint });
  const announcement = announcementIn(identity?.additional ?? '');
  const { ownerColdkey } = subnet;
  if (!announcement || ownerColdkey === null) throw new AppError('RUN_NOT_ANNOUNCED', { netuid });
  return { announcement, ownerColdkey };
}

async function demandNewest(
  genesisHash: Hex,
  netuid: number,
  { block }: RunAnnouncement,
  seen: SeenAnnouncements,
): Promise<void> {
  const newest = await seen.newest(genesisHash, netuid);
  if (newest !== null && block < newest) throw new AppError('ANNOUNCEMENT_OLDER', { netuid, block, newest });
}

/** On a chain of this computer its announcements are this computer's own. */
export const isNearbyChain = (endpoint: string): boolean =>
  URL.canParse(endpoint) && isLoopbackHost(new URL(endpoint).hostname);

/** A profile may be whole and sound, and another subnet's: somebody announces a run of others as their own. */
function demandItsChain(
  { consensus: { chain } }: Profile,
  at: { readonly genesisHash: Hex; readonly netuid: number; readonly ownerColdkey: Ss58 },
): void {
  if (chain.netuid !== at.netuid || (chain.genesis !== undefined && chain.genesis !== at.genesisHash))
    throw new AppError('PROFILE_CHAIN_OTHER', { named: chain.netuid, netuid: at.netuid });
  const { ownerColdkey } = chain.identity;
  if (ownerColdkey !== null && ownerColdkey !== at.ownerColdkey)
    throw new AppError('PROFILE_OWNER_OTHER', {
      netuid: at.netuid,
      named: ownerColdkey,
      owner: at.ownerColdkey,
    });
}

/**
 * One that takes over from another is announced by the key that the other names, on the other's own chain. What it was
 * lies in the same store under its own hash.
 */
async function demandFollows(
  { consensus: { predecessor, chain } }: Profile,
  from: StoreAddress,
  ownerColdkey: Ss58,
  signal: AbortSignal,
): Promise<void> {
  if (!predecessor) return;
  const { hash } = predecessor;
  const before = parseProfile(parseJson(await fetchProfileText(from, hash, signal)));
  if (profileHash(before.consensus) !== hash)
    throw new AppError('PROFILE_HASH_WRONG', {
      store: shownStoreAddress(from),
      announced: hash.slice(0, 16),
    });
  const { genesis, netuid, identity } = before.consensus.chain;
  if (identity.ownerColdkey !== ownerColdkey || genesis !== chain.genesis || netuid !== chain.netuid)
    throw new AppError('PREDECESSOR_OTHER', { predecessor: hash.slice(0, 16) });
}

/**
 * The local part is no part of the hash: whoever keeps the store can write what they like there. Of it only peers to
 * ask first are taken, which prove themselves by the chain.
 */
function withoutOthersPlaces({ consensus, local }: Profile, network: Network): Profile {
  const known = knownNetwork(network.genesisHash);
  const mark = known ? known.mark : local.mark;
  return { consensus, local: { endpoints: [network.endpoint], bootstrap: local.bootstrap, mark } };
}
