import type { Variant } from '../../scale/types.ts';
import { subtensorEvents } from './events.ts';

const ACCOUNT = 'AccountId32 as T::AccountId';
const NETUID = 'u16 as NetUid';
const ALPHA = 'u64 as AlphaBalance';
const LOCK = { coldkey: ACCOUNT, hotkey: ACCOUNT, netuid: NETUID, amount: ALPHA } as const;

/**
 * Events of SubtensorModule in the summer of 2026: those of 393 keep their places, and these follow in the order of the
 * public text, less what belongs to the queue of subnets that came after.
 */
export const events425: Readonly<Record<string, Variant>> = {
  ...subtensorEvents,
  TransactionFeePaidWithAlpha: [
    121,
    { who: ACCOUNT, netuid: NETUID, alpha_fee: ALPHA, tao_amount: 'u64 as TaoBalance' },
  ],
  BurnHalfLifeSet: [122, { netuid: NETUID, burn_half_life: 'u16' }],
  BurnIncreaseMultSet: [123, { netuid: NETUID, burn_increase_mult: 'FixedU128 as U64F64' }],
  AutoParentDelegationEnabledSet: [124, { hotkey: ACCOUNT, enabled: 'bool' }],
  StakeLocked: [125, LOCK],
  StakeUnlocked: [126, LOCK],
  LockMoved: [127, { coldkey: ACCOUNT, origin_hotkey: ACCOUNT, destination_hotkey: ACCOUNT, netuid: NETUID }],
  ActivityCutoffFactorMilliSet: [128, { netuid: NETUID, factor_milli: 'u32' }],
  EpochTriggered: [129, { netuid: NETUID, by: ACCOUNT, fires_at: 'u64' }],
  EpochDeferred: [130, { netuid: NETUID, from_block: 'u64', to_block: 'u64' }],
  EpochSkipped: [131, { netuid: NETUID, block: 'u64' }],
  SubnetOwnerChanged: [132, { netuid: NETUID, old_coldkey: ACCOUNT, new_coldkey: ACCOUNT }],
  PerpetualLockUpdated: [133, { coldkey: ACCOUNT, netuid: NETUID, enabled: 'bool' }],
  RejectLockedAlphaUpdated: [134, { coldkey: ACCOUNT, enabled: 'bool' }],
};
