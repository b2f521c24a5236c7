import { badOrigin } from '../failure.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { described } from '../subtensor/described.ts';
import { blocksToEpoch } from '../subtensor/epoch-clock.ts';
import { fail } from '../subtensor/failures.ts';
import { subnets } from '../subtensor/storage.ts';

/** What an owner may turn only so often: one of the chain's `Hyperparameter`s, or what has a number of its own. */
export type Limited = { readonly hyperparameter: string } | keyof typeof NUMBERS;

/** Numbers among the chain's kinds of transaction. */
const NUMBERS = { weightsVersionKey: 4, mechanismCount: 7, mechanismSplit: 8 } as const;
/** Blocks, a day of the real chain's, from one change of a subnet's mechanisms to the next. */
const MECHANISMS_EVERY = 7_200n;

/**
 * Lets a subnet's owner change one of its settings: not again within as many tempos as the chain says, and not in the
 * last blocks before an epoch. Nobody else may here; the real chain has a superuser beside.
 * @throws {Failure} BadOrigin, TxRateLimitExceeded, AdminActionProhibitedDuringWeightsWindow
 */
export function checkOwner(context: Context, who: string, netuid: number, what: Limited): void {
  const { store, block } = context;
  if (store.get(subnets.SubnetOwner, netuid) !== who) throw badOrigin();
  const last = lastTurned(store, who, netuid, what);
  if (last !== 0n && BigInt(block) - last < pauseOf(store, netuid, what)) throw fail('TxRateLimitExceeded');
  if (isFrozen(context, netuid)) throw fail('AdminActionProhibitedDuringWeightsWindow');
}

export function recordTurn({ store, block }: Context, who: string, netuid: number, what: Limited): void {
  if (typeof what === 'string')
    store.put(described.TransactionKeyLastBlock, BigInt(block), who, netuid, NUMBERS[what]);
  else store.put(subnets.LastRateLimitedBlock, BigInt(block), rateKey(netuid, what.hyperparameter));
}

function lastTurned(store: Store, who: string, netuid: number, what: Limited): bigint {
  return typeof what === 'string'
    ? store.get(described.TransactionKeyLastBlock, who, netuid, NUMBERS[what])
    : store.get(subnets.LastRateLimitedBlock, rateKey(netuid, what.hyperparameter));
}

const rateKey = (netuid: number, hyperparameter: string) => ({
  type: 'OwnerHyperparamUpdate',
  value: [netuid, { type: hyperparameter, value: undefined }],
});

/** In blocks: so many tempos, and of mechanisms a day. */
function pauseOf(store: Store, netuid: number, what: Limited): bigint {
  if (what === 'mechanismCount' || what === 'mechanismSplit') return MECHANISMS_EVERY;
  const tempos =
    what === 'weightsVersionKey'
      ? store.get(described.WeightsVersionKeyRateLimit)
      : BigInt(store.get(described.OwnerHyperparamRateLimit));
  return BigInt(store.get(subnets.Tempo, netuid)) * tempos;
}

/** Within the window that ends with the block of an epoch, in which nobody changes what validators vote by. */
function isFrozen(context: Context, netuid: number): boolean {
  const left = blocksToEpoch(context, netuid);
  return left !== null && left < context.store.get(described.AdminFreezeWindow);
}
