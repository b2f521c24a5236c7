import type { Shape } from '../scale/types.ts';
import { lookup } from './address.ts';
import { tokenFailure } from './failure.ts';
import { item } from './item.ts';
import type { Context, Pallet, Value } from './pallet.ts';
import type { Store } from './store.ts';
import { subnets } from './subtensor/storage.ts';
import { systemStorage } from './system.ts';

/** An account below this is removed. */
export const EXISTENTIAL_DEPOSIT = 500n;

export const balancesStorage = { TotalIssuance: item<[], bigint>([], 'u64', 0n) };

export const freeRao = (store: Store, who: string): bigint => store.get(systemStorage.Account, who).data.free;

/** What an account may spend and still exist. */
export const spendableRao = (store: Store, who: string): bigint => {
  const left = freeRao(store, who) - EXISTENTIAL_DEPOSIT;
  return left > 0n ? left : 0n;
};

export function credit({ store, emit }: Context, who: string, amountRao: bigint): void {
  const before = store.get(systemStorage.Account, who);
  const isNew = before.providers === 0;
  if (isNew && amountRao < EXISTENTIAL_DEPOSIT) throw tokenFailure('BelowMinimum');
  store.put(
    systemStorage.Account,
    { ...before, providers: 1, data: { ...before.data, free: before.data.free + amountRao } },
    who,
  );
  store.change(balancesStorage.TotalIssuance, (total) => total + amountRao);
  if (!isNew) return;
  emit('System', 'NewAccount', { account: who });
  emit('Balances', 'Endowed', { account: who, free_balance: amountRao });
}

/** Takes TAO from an account; what would be left below the deposit either refuses the call or ends the account. */
export function debit({ store, emit }: Context, who: string, amountRao: bigint, keepAlive: boolean): void {
  const before = store.get(systemStorage.Account, who);
  if (before.data.free < amountRao) throw tokenFailure('FundsUnavailable');
  const free = before.data.free - amountRao;
  const dies = free < EXISTENTIAL_DEPOSIT;
  if (dies && before.data.reserved > 0n) throw tokenFailure('Frozen');
  if (dies && keepAlive) throw tokenFailure('NotExpendable');
  store.change(balancesStorage.TotalIssuance, (total) => total - amountRao - (dies ? free : 0n));
  if (dies) endAccount({ store, emit }, who, free);
  else store.put(systemStorage.Account, { ...before, data: { ...before.data, free } }, who);
}

function endAccount({ store, emit }: Pick<Context, 'store' | 'emit'>, who: string, dustRao: bigint): void {
  store.remove(systemStorage.Account, who);
  store.change(subnets.TotalIssuance, (issued) => issued - dustRao);
  if (dustRao > 0n) emit('Balances', 'DustLost', { account: who, amount: dustRao });
  emit('System', 'KilledAccount', { account: who });
}

function transfer(context: Context, from: string, dest: Value, amountRao: bigint, keepAlive: boolean): void {
  const to = lookup(dest);
  if (freeRao(context.store, from) < amountRao) throw tokenFailure('FundsUnavailable');
  if (to !== from && amountRao > 0n) {
    debit(context, from, amountRao, keepAlive);
    credit(context, to, amountRao);
  }
  context.emit('Balances', 'Transfer', { from, to, amount: amountRao });
}

/** All that an account may give away: with `keepAlive`, or while it holds a deposit, what keeps it stays behind. */
function transferAll(context: Context, from: string, dest: Value, keepAlive: boolean): void {
  const { free, reserved } = context.store.get(systemStorage.Account, from).data;
  const all = keepAlive || reserved > 0n ? spendableRao(context.store, from) : free;
  transfer(context, from, dest, all, keepAlive);
}

const ACCOUNT = 'AccountId32 as T::AccountId';
const AMOUNT = 'u64 as T::Balance';

export const balancesShapes: Readonly<Record<string, Shape>> = {
  BalanceStatus: {
    path: 'frame_support::traits::tokens::misc::BalanceStatus',
    variants: { Free: 0, Reserved: 1 },
  },
};

export const balances: Pallet = {
  name: 'Balances',
  index: 5,
  crate: 'pallet_balances',
  storage: balancesStorage,
  calls: {
    transfer_allow_death: {
      index: 0,
      args: { dest: 'MultiAddress as AccountIdLookupOf<T>', value: 'Compact<u64> as T::Balance' },
      refTime: 200_000_000,
      pays: true,
      run: (context, origin, { dest, value }) => transfer(context, origin, dest, value, false),
    },
    transfer_keep_alive: {
      index: 3,
      args: { dest: 'MultiAddress as AccountIdLookupOf<T>', value: 'Compact<u64> as T::Balance' },
      refTime: 200_000_000,
      pays: true,
      run: (context, origin, { dest, value }) => transfer(context, origin, dest, value, true),
    },
    transfer_all: {
      index: 4,
      args: { dest: 'MultiAddress as AccountIdLookupOf<T>', keep_alive: 'bool' },
      refTime: 200_000_000,
      pays: true,
      run: (context, origin, { dest, keep_alive }) => transferAll(context, origin, dest, keep_alive),
    },
  },
  events: {
    Endowed: [0, { account: ACCOUNT, free_balance: AMOUNT }],
    DustLost: [1, { account: ACCOUNT, amount: AMOUNT }],
    Transfer: [2, { from: ACCOUNT, to: ACCOUNT, amount: AMOUNT }],
    BalanceSet: [3, { who: ACCOUNT, free: AMOUNT }],
    Reserved: [4, { who: ACCOUNT, amount: AMOUNT }],
    Unreserved: [5, { who: ACCOUNT, amount: AMOUNT }],
    ReserveRepatriated: [
      6,
      { from: ACCOUNT, to: ACCOUNT, amount: AMOUNT, destination_status: 'BalanceStatus as Status' },
    ],
    Deposit: [7, { who: ACCOUNT, amount: AMOUNT }],
    Withdraw: [8, { who: ACCOUNT, amount: AMOUNT }],
    Slashed: [9, { who: ACCOUNT, amount: AMOUNT }],
    Minted: [10, { who: ACCOUNT, amount: AMOUNT }],
    Burned: [11, { who: ACCOUNT, amount: AMOUNT }],
    Suspended: [12, { who: ACCOUNT, amount: AMOUNT }],
    Restored: [13, { who: ACCOUNT, amount: AMOUNT }],
    Upgraded: [14, { who: ACCOUNT }],
    Issued: [15, { amount: AMOUNT }],
    Rescinded: [16, { amount: AMOUNT }],
    Locked: [17, { who: ACCOUNT, amount: AMOUNT }],
    Unlocked: [18, { who: ACCOUNT, amount: AMOUNT }],
    Frozen: [19, { who: ACCOUNT, amount: AMOUNT }],
    Thawed: [20, { who: ACCOUNT, amount: AMOUNT }],
    TotalIssuanceForced: [21, { old: AMOUNT, new: AMOUNT }],
  },
  errors: {
    VestingBalance: 0,
    LiquidityRestrictions: 1,
    InsufficientBalance: 2,
    ExistentialDeposit: 3,
    Expendability: 4,
    ExistingVestingSchedule: 5,
    DeadAccount: 6,
    TooManyReserves: 7,
    TooManyHolds: 8,
    TooManyFreezes: 9,
    IssuanceDeactivated: 10,
    DeltaZero: 11,
  },
  constants: { ExistentialDeposit: ['u64', EXISTENTIAL_DEPOSIT] },
};
