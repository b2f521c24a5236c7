import type { Fixed } from '../fixed.ts';
import { item } from '../item.ts';
import type { CallRule, Context, Value } from '../pallet.ts';
import type { Store } from '../store.ts';
import { fail425 } from './errors-425.ts';
import { fail } from './failures.ts';
import { newer } from './newer.ts';
import { hotkeyExists, stakeOf } from './stake.ts';
import { subnets } from './storage.ts';

/** Alpha rao that a coldkey has bound to a hotkey, as it was at the block of its last change. */
interface LockState {
  readonly locked_mass: bigint;
  /** What a lock earns by standing. Nothing here goes by it: a subnet's owner stays its owner. */
  readonly conviction: Fixed;
  readonly last_update: bigint;
}

const NETUID = ['u16', 'Identity'] as const;
const ACCOUNT = ['AccountId32', 'Blake2128Concat'] as const;

export const lockItems = {
  Lock: item<[coldkey: string, netuid: number, hotkey: string], LockState | null>(
    [ACCOUNT, NETUID, ACCOUNT],
    'LockState',
    null,
  ),
  /** False: the lock of this coldkey does not melt. */
  DecayingLock: item<[coldkey: string, netuid: number], boolean | null>([ACCOUNT, NETUID], 'bool', null),
};

/** Where and when a lock is looked at. */
interface At {
  readonly coldkey: string;
  readonly netuid: number;
  readonly block: number;
}

/** The one lock of a coldkey on a subnet, melted to what it is by now: by 1/e in so many blocks as `UnlockRate` says. */
export function lockOf(
  store: Store,
  { coldkey, netuid, block }: At,
): { readonly hotkey: string; readonly state: LockState } | null {
  const [key] = store.keys(lockItems.Lock, coldkey, netuid);
  const [, , hotkey] = key ?? [];
  const state = hotkey === undefined ? null : store.get(lockItems.Lock, coldkey, netuid, hotkey);
  if (hotkey === undefined || !state) return null;
  const isPerpetual = store.get(lockItems.DecayingLock, coldkey, netuid) === false;
  const blocks = block - Number(state.last_update);
  const left = isPerpetual ? 1 : Math.exp(-blocks / Number(store.get(newer.UnlockRate)));
  const melted = left === 1 ? state.locked_mass : BigInt(Math.floor(Number(state.locked_mass) * left));
  return { hotkey, state: { ...state, locked_mass: melted, last_update: BigInt(block) } };
}

/** All that a coldkey has on a subnet, behind whichever hotkeys, and how much of it may leave. */
export function availabilityOf(
  store: Store,
  at: At,
): { readonly total: bigint; readonly locked: bigint; readonly available: bigint } {
  const total = store
    .get(subnets.StakingHotkeys, at.coldkey)
    .reduce((sum, hotkey) => sum + stakeOf(store, hotkey, at.coldkey, at.netuid), 0n);
  const locked = lockOf(store, at)?.state.locked_mass ?? 0n;
  return { total, locked, available: total > locked ? total - locked : 0n };
}

/** What is locked leaves neither the subnet nor its coldkey. @throws {Failure} StakeUnavailable */
export function checkUnlocked(
  { store, block, release }: Pick<Context, 'store' | 'block' | 'release'>,
  { coldkey, netuid }: Pick<At, 'coldkey' | 'netuid'>,
  alpha: bigint,
): void {
  if (!release.locks) return;
  if (alpha > availabilityOf(store, { coldkey, netuid, block }).available) throw fail425('StakeUnavailable');
}

function lockStake(
  { store, block, emit }: Context,
  coldkey: string,
  { hotkey, netuid, amount }: Value,
): void {
  if (amount === 0n) throw fail('AmountTooLow');
  if (!hotkeyExists(store, hotkey)) throw fail('HotKeyAccountNotExists');
  const at = { coldkey, netuid, block };
  const before = lockOf(store, at);
  if (before && before.hotkey !== hotkey) throw fail425('LockHotkeyMismatch');
  const locked_mass = (before?.state.locked_mass ?? 0n) + amount;
  if (locked_mass > availabilityOf(store, at).total) throw fail425('InsufficientStakeForLock');
  const conviction = before?.state.conviction ?? { bits: 0n };
  const state = { locked_mass, conviction, last_update: BigInt(block) };
  store.put(lockItems.Lock, state, coldkey, netuid, hotkey);
  emit('SubtensorModule', 'StakeLocked', { coldkey, hotkey, netuid, amount });
}

/** What has melted until now stays so, whichever way it goes on. */
function setPerpetualLock(
  { store, block, emit }: Context,
  coldkey: string,
  { netuid, enabled }: Value,
): void {
  const lock = lockOf(store, { coldkey, netuid, block });
  if (lock) store.put(lockItems.Lock, lock.state, coldkey, netuid, lock.hotkey);
  if (enabled) store.put(lockItems.DecayingLock, false, coldkey, netuid);
  else store.remove(lockItems.DecayingLock, coldkey, netuid);
  emit('SubtensorModule', 'PerpetualLockUpdated', { coldkey, netuid, enabled });
}

/** Not among them: moving a lock to another hotkey, and refusing locked alpha of others. */
export const lockCalls: Readonly<Record<string, CallRule>> = {
  lock_stake: {
    index: 136,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      netuid: 'u16 as NetUid',
      amount: 'u64 as AlphaBalance',
    },
    refTime: 120_000_000,
    pays: true,
    run: lockStake,
  },
  set_perpetual_lock: {
    index: 138,
    args: { netuid: 'u16 as NetUid', enabled: 'bool' },
    refTime: 60_000_000,
    pays: true,
    run: setPerpetualLock,
  },
};
