import { feeOf } from '../../economy/pool.ts';
import type { Value } from '../pallet.ts';
import { availabilityOf, lockOf } from '../subtensor/locks.ts';
import { stakeOf } from '../subtensor/stake.ts';
import { NO_ACCOUNT, ROOT_NETUID, subnets } from '../subtensor/storage.ts';
import { type ApiState, exists, hotkeysOf, type StateCalls } from './state.ts';

function stakesOf(state: ApiState, coldkey: string): Value[] {
  return state.store
    .get(subnets.StakingHotkeys, coldkey)
    .flatMap((hotkey) => state.netuids.map((netuid) => stakeInfo(state, hotkey, coldkey, netuid)))
    .filter((info) => info.stake > 0n);
}

function stakeInfo({ store }: ApiState, hotkey: string, coldkey: string, netuid: number): Value {
  const uid = store.get(subnets.Uids, netuid, hotkey);
  return {
    hotkey,
    coldkey,
    netuid,
    stake: stakeOf(store, hotkey, coldkey, netuid),
    locked: 0n,
    emission: uid === null ? 0n : (store.get(subnets.Emission, netuid)[uid] ?? 0n),
    tao_emission: 0n,
    drain: 0n,
    is_registered: uid !== null,
  };
}

/** A hotkey that others can stand behind, with who does. */
function delegateOf(state: ApiState, hotkey: string, nominators: Nominators): Value {
  const { store, netuids } = state;
  const registrations = netuids.filter((netuid) => store.has(subnets.Uids, netuid, hotkey));
  const isPermitted = (netuid: number) =>
    store.get(subnets.ValidatorPermit, netuid)[store.get(subnets.Uids, netuid, hotkey) ?? -1] ?? false;
  return {
    delegate_ss58: hotkey,
    take: store.get(subnets.Delegates, hotkey),
    nominators: [...(nominators.get(hotkey) ?? [])],
    owner_ss58: store.get(subnets.Owner, hotkey),
    registrations,
    validator_permits: registrations.filter(isPermitted),
    // Neither is worked out on the real chain any more.
    return_per_1000: 0n,
    total_daily_return: 0n,
  };
}

/** By hotkey: each coldkey with its stake in every subnet where it has any. */
type Nominators = ReadonlyMap<string, ReadonlyMap<string, [netuid: number, alpha: bigint][]>>;

/** Of one hotkey or of all, in one walk over the keys. */
function nominatorsOf({ store }: ApiState, ...only: [hotkey?: string]): Nominators {
  const found = new Map<string, Map<string, [netuid: number, alpha: bigint][]>>();
  for (const [hotkey, coldkey, netuid] of store.keys(subnets.Alpha, ...only)) {
    const alpha = stakeOf(store, hotkey, coldkey, netuid);
    if (alpha === 0n) continue;
    const mine = found.get(hotkey) ?? new Map<string, [netuid: number, alpha: bigint][]>();
    found.set(hotkey, mine.set(coldkey, [...(mine.get(coldkey) ?? []), [netuid, alpha]]));
  }
  return found;
}

/** By netuid, those subnets left out where there is nothing; none at all for a question that means nothing. */
function availability(
  state: ApiState,
  coldkey: string,
  asked: readonly number[] | null | undefined,
): Value[] {
  const { store, block, netuids } = state;
  const wanted = asked ? [...new Set(asked)] : netuids;
  if (wanted.length === 0 || wanted.length > netuids.length) return [];
  return wanted
    .filter((netuid) => netuids.includes(netuid))
    .toSorted((a, b) => a - b)
    .map((netuid) => [netuid, availabilityOf(store, { coldkey, netuid, block })] as const)
    .filter(([, { total, locked }]) => total > 0n || locked > 0n) as unknown as Value[];
}

const delegates = (state: ApiState): string[] => [
  ...new Set(state.netuids.flatMap((netuid) => hotkeysOf(state, netuid))),
];

const isDelegate = ({ store }: ApiState, hotkey: string): boolean =>
  store.get(subnets.Owner, hotkey) !== NO_ACCOUNT;

export const stakeCalls: StateCalls = {
  StakeInfoRuntimeApi_get_coldkey_lock: ({ store, block, release }, { coldkey, netuid }) =>
    release.locks ? (lockOf(store, { coldkey, netuid, block })?.state ?? null) : null,
  StakeInfoRuntimeApi_get_stake_availability_for_coldkeys: (state, { coldkey_accounts, netuids }) =>
    [...new Set<string>(coldkey_accounts)]
      .toSorted()
      .map((coldkey) => [coldkey, availability(state, coldkey, netuids)]),
  StakeInfoRuntimeApi_get_stake_info_for_coldkey: (state, { coldkey_account }) =>
    stakesOf(state, coldkey_account),
  StakeInfoRuntimeApi_get_stake_info_for_coldkeys: (state, { coldkey_accounts }) =>
    [...new Set<string>(coldkey_accounts)].map((coldkey) => [coldkey, stakesOf(state, coldkey)]),
  StakeInfoRuntimeApi_get_stake_info_for_hotkey_coldkey_netuid: (state, args) =>
    exists(state, args.netuid)
      ? stakeInfo(state, args.hotkey_account, args.coldkey_account, args.netuid)
      : null,
  /** What the market of the destination, else of the origin, takes of an amount. */
  StakeInfoRuntimeApi_get_stake_fee: (_state, { origin, destination, amount }) => {
    const netuid = (destination ?? origin)?.[1] ?? ROOT_NETUID;
    return netuid === ROOT_NETUID ? 0n : feeOf(amount);
  },
  DelegateInfoRuntimeApi_get_delegates: (state) => {
    const nominators = nominatorsOf(state);
    return delegates(state).map((hotkey) => delegateOf(state, hotkey, nominators));
  },
  DelegateInfoRuntimeApi_get_delegate: (state, { delegate_account: hotkey }) =>
    isDelegate(state, hotkey) ? delegateOf(state, hotkey, nominatorsOf(state, hotkey)) : null,
  DelegateInfoRuntimeApi_get_delegated: (state, { delegatee_account }) => {
    const nominators = nominatorsOf(state);
    return stakesOf(state, delegatee_account).map(({ hotkey, netuid, stake }) => [
      delegateOf(state, hotkey, nominators),
      [netuid, stake],
    ]);
  },
};
