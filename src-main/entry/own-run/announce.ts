import { NO_IDENTITY, type SubnetIdentity } from '../../../src-shared/chain/subnet-identity.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { isReachedFromAfar } from '../../../src-shared/peer-address.ts';
import {
  announcementIn,
  printAnnouncement,
  withAnnouncement,
} from '../../../src-shared/profile/announcement.ts';
import type { Profile } from '../../../src-shared/profile/schema.ts';
import { isNearby, type StoreAddress, shownStoreAddress } from '../../../src-shared/stores/store-address.ts';
import { isOwnChain } from '../../join/find-run.ts';
import { demandOwned, type OwnerAtTerminal, orderOfOwner } from './order.ts';
import { demandServed, demandWhole } from './publish.ts';

/**
 * Says on chain which run works on a subnet and where its profile lies, in a transaction of the owner's coldkey. What
 * the subnet says of itself otherwise stays.
 * @returns whether it is done and final, or was only to be shown
 * @throws {AppError} PROFILE_UNPINNED, CHAIN_IS_ANOTHER, STORE_NOT_FOR_OTHERS, SUBNET_NOT_YOURS, PROFILE_OWNER_OTHER, SUBNET_SO_ALREADY, as
 * `publishProfile` where the store does not give the profile, of the desk, or of the network
 */
export async function announceRun(
  owner: OwnerAtTerminal,
  profile: Profile,
  store: StoreAddress,
  signal: AbortSignal,
): Promise<boolean> {
  const hash = demandWhole(profile);
  const { netuid, genesis, identity } = profile.consensus.chain;
  if (genesis !== owner.network.genesisHash)
    throw new AppError('CHAIN_IS_ANOTHER', {
      found: owner.network.genesisHash.slice(0, 8),
      wanted: `the chain of the profile (${genesis?.slice(0, 8)}…)`,
    });
  if (!isOwnChain(owner.network)) demandForOthers(profile, store);
  const coldkey = await demandOwned(owner, netuid, signal);
  if (identity.ownerColdkey !== coldkey)
    throw new AppError('PROFILE_OWNER_OTHER', {
      ...{ netuid, named: identity.ownerColdkey ?? 'nobody', owner: coldkey },
    });
  // As those will read it who join by the announcement.
  await demandServed(profile, store, signal);
  const said = await saidOf(owner, netuid, signal);
  const announcement = { block: owner.network.money.newest().number, profileHash: hash, store };
  const before = announcementIn(said.additional);
  if (
    before &&
    printAnnouncement({ ...before, block: announcement.block }) === printAnnouncement(announcement)
  )
    throw new AppError('SUBNET_SO_ALREADY', { netuid });
  return write(owner, netuid, said, withAnnouncement(said.additional, announcement), signal);
}

/** Others take neither a store nor peers of a network that is not theirs. */
function demandForOthers({ consensus, local }: Profile, store: StoreAddress): void {
  if (isNearby(store)) throw new AppError('STORE_NOT_FOR_OTHERS', { store: shownStoreAddress(store) });
  if (!local.bootstrap.some(isReachedFromAfar))
    throw new AppError('PROFILE_WITHOUT_PEERS', { name: consensus.name });
}

/** Announces nothing any more. Who works in the run goes on; nobody finds it by the subnet's number. */
export async function withdrawRun(
  owner: OwnerAtTerminal,
  netuid: number,
  signal: AbortSignal,
): Promise<boolean> {
  await demandOwned(owner, netuid, signal);
  const said = await saidOf(owner, netuid, signal);
  return write(owner, netuid, said, withAnnouncement(said.additional, null), signal);
}

async function saidOf(
  { network }: OwnerAtTerminal,
  netuid: number,
  signal: AbortSignal,
): Promise<SubnetIdentity> {
  return (await network.money.identity(netuid, network.money.newest().hash, signal)) ?? NO_IDENTITY;
}

const write = (
  owner: OwnerAtTerminal,
  netuid: number,
  said: SubnetIdentity,
  additional: string,
  signal: AbortSignal,
): Promise<boolean> =>
  orderOfOwner(owner, netuid, { kind: 'identity', identity: { ...said, additional } }, signal);
