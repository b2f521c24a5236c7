import { item } from './item.ts';
import type { Pallet } from './pallet.ts';

/** 0.0005 rao for one picosecond of reference time, and 1 rao for one byte. */
const RAO_PER_2000_PICOSECONDS = 1n;
const RAO_PER_BYTE = 1n;
/** Reference time of an empty extrinsic. */
const BASE_REF_TIME = 124_000_000n;

export interface Fee {
  readonly base: bigint;
  readonly length: bigint;
  readonly weight: bigint;
}

/** @param refTime in picoseconds @returns rao */
export const weightFee = (refTime: bigint): bigint => (refTime * RAO_PER_2000_PICOSECONDS) / 2000n;

export const lengthFee = (lengthBytes: number): bigint => BigInt(lengthBytes) * RAO_PER_BYTE;

/** The one place where fees are computed: what is shown before sending is what the block takes. The tip comes on top. */
export function feeOf(refTime: bigint, lengthBytes: number, pays: boolean): Fee {
  if (!pays) return { base: 0n, length: 0n, weight: 0n };
  return {
    base: weightFee(BASE_REF_TIME),
    length: lengthFee(lengthBytes),
    weight: weightFee(refTime),
  };
}

export const totalFee = (fee: Fee): bigint => fee.base + fee.length + fee.weight;

export const feesStorage = { NextFeeMultiplier: item<[], bigint>([], 'FeeMultiplier', 10n ** 18n) };

export const feesShapes = {
  FeeMultiplier: { path: 'sp_arithmetic::fixed_point::FixedU128', fields: ['u128'] },
};

export const transactionPayment: Pallet = {
  name: 'TransactionPayment',
  index: 6,
  crate: 'pallet_transaction_payment',
  storage: feesStorage,
  calls: {},
  events: {
    TransactionFeePaid: [
      0,
      { who: 'AccountId32 as T::AccountId', actual_fee: 'u64 as BalanceOf<T>', tip: 'u64 as BalanceOf<T>' },
    ],
  },
  errors: {},
  constants: { OperationalFeeMultiplier: ['u8', 5] },
};
