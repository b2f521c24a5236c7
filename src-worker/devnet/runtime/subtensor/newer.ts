import type { Shape } from '../../scale/types.ts';
import { item } from '../item.ts';
import type { Value } from '../pallet.ts';

const NETUID = ['u16', 'Identity'] as const;
const ACCOUNT = ['AccountId32', 'Blake2128Concat'] as const;
/** Blocks: 90 days of the real chain's over the logarithm of 2, for a half-life of 90 days. */
const RATE = 934_866n;
const perNet = item<[number], Value>([NETUID], 'LockState', null);
const perHotkey = item<[number, string], Value>([NETUID, ACCOUNT], 'LockState', null);

/**
 * Storage newer than 393 that today's `btcli` reads before it shows a metagraph, whatever the chain's version. What
 * locks earn is not counted here, so it is empty.
 */
export const newer = {
  HotkeyLock: perHotkey,
  DecayingHotkeyLock: { ...perHotkey },
  OwnerLock: perNet,
  DecayingOwnerLock: { ...perNet },
  // How fast locks melt and ripen: shown beside the metagraph, and the second without effect here.
  UnlockRate: item<[], bigint>([], 'u64', RATE),
  MaturityRate: item<[], bigint>([], 'u64', RATE),
};

export const newerShapes: Readonly<Record<string, Shape>> = {
  /** Alpha rao that a coldkey cannot take out, how long it has stood there, and the block of the last change. */
  LockState: {
    path: 'pallet_subtensor::staking::lock::LockState',
    fields: {
      locked_mass: 'u64 as AlphaBalance',
      conviction: 'FixedU128 as U64F64',
      last_update: 'u64',
    },
  },
  StakeAvailability: {
    path: 'pallet_subtensor::rpc_info::stake_info::StakeAvailability',
    fields: {
      total: 'Compact<u64> as Compact<AlphaBalance>',
      locked: 'Compact<u64> as Compact<AlphaBalance>',
      available: 'Compact<u64> as Compact<AlphaBalance>',
    },
  },
};
