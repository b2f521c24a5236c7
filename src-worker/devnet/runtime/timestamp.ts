import { badOrigin } from './failure.ts';
import { item } from './item.ts';
import type { Pallet } from './pallet.ts';

export const timestampStorage = { Now: item<[], bigint>([], 'u64', 0n) };

/** The block's own clock, set by its first extrinsic. @param blockMs the minimum period is half of it, as on Substrate. */
export const timestampPallet = (blockMs: number): Pallet => ({
  name: 'Timestamp',
  index: 2,
  crate: 'pallet_timestamp',
  storage: timestampStorage,
  calls: {
    set: {
      index: 0,
      args: { now: 'Compact<u64> as T::Moment' },
      refTime: 10_000_000,
      pays: false,
      inherent: true,
      run() {
        throw badOrigin();
      },
    },
  },
  events: {},
  errors: {},
  constants: { MinimumPeriod: ['u64', BigInt(Math.max(1, Math.floor(blockMs / 2)))] },
});
