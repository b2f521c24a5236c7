import { withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { isPeerAddress, isReachedFromAfar } from '../../src-shared/peer-address.ts';
import { announcementIn, type RunAnnouncement } from '../../src-shared/profile/announcement.ts';
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
import { JOIN_READ_LIMIT_MS } from './limits.ts';
import { demandPredecessor, profileAt } from './profile-at.ts';
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
 * @throws {AppError} SUBNET_ABSENT, RUN_NOT_ANNOUNCED, ANNOUNCEMENT_AHEAD, ANNOUNCEMENT_OLDER, ANNOUNCEMENT_NEARBY,
 * RUN_STORE_SILENT, RUN_STORE_WITHOUT_PROFILE, PROFILE_INVALID, PROFILE_HASH_WRONG, PROFILE_CHAIN_OTHER,
 * PROFILE_OWNER_OTHER, PROFILE_UNPINNED, PREDECESSOR_OTHER, or of the network
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
  if (!store) demandMayOpen(from, network);
  const profile = await profileAt(from, hash, signal);
  await demandPredecessor(profile.consensus, from, ownerColdkey, signal);
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
  const { finalized: at } = network;
  if (!at) throw new AppError('CHAIN_UNREACHABLE', { endpoint: network.endpoint });
  const [subnet, identity] = await Promise.all([
    network.money.subnet(netuid, at.hash, limit),
    network.money.identity(netuid, at.hash, limit),
  ]);
  if (!subnet.isThere) throw new AppError('SUBNET_ABSENT', { netuid, chain: network.endpoint });
  const announcement = announcementIn(identity?.additional ?? '');
  const { ownerColdkey } = subnet;
  if (!announcement || ownerColdkey === null) throw new AppError('RUN_NOT_ANNOUNCED', { netuid });
  const { block } = announcement;
  // It would bar every later one, also of whoever owns the subnet after this owner.
  if (block > at.number) throw new AppError('ANNOUNCEMENT_AHEAD', { netuid, block, newest: at.number });
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

/**
 * Whether a chain is this computer's own, so that whoever announces there is its user. A node of a known network that
 * answers here is none: its announcements are everybody's.
 */
export const isOwnChain = ({ endpoint, genesisHash }: Pick<Network, 'endpoint' | 'genesisHash'>): boolean =>
  URL.canParse(endpoint) && isLoopbackHost(new URL(endpoint).hostname) && !knownNetwork(genesisHash);

/** A place in the reader's own network is none that a stranger may name. @throws {AppError} ANNOUNCEMENT_NEARBY */
export function demandMayOpen(store: StoreAddress, network: Pick<Network, 'endpoint' | 'genesisHash'>): void {
  if (isNearby(store) && !isOwnChain(network))
    throw new AppError('ANNOUNCEMENT_NEARBY', { store: shownStoreAddress(store) });
}

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
 * The local part is no part of the hash: whoever keeps the store can write what they like there. Of it only peers to
 * ask first are taken, which prove themselves by the chain, and of these none that would be a door of the reader's own
 * network.
 */
function withoutOthersPlaces({ consensus, local }: Profile, network: Network): Profile {
  const known = knownNetwork(network.genesisHash);
  const mark = known ? known.mark : local.mark;
  const bootstrap = local.bootstrap.filter(isOwnChain(network) ? isPeerAddress : isReachedFromAfar);
  return { consensus, local: { endpoints: [network.endpoint], bootstrap, mark } };
}
