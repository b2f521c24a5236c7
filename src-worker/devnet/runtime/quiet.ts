import { FEE_RATE } from '../economy/pool.ts';
import type { Shape } from '../scale/types.ts';
import { item } from './item.ts';
import type { Pallet, Value } from './pallet.ts';

export const quietShapes: Readonly<Record<string, Shape>> = {
  CrowdloanInfo: {
    path: 'pallet_crowdloan::CrowdloanInfo',
    params: { AccountId: 'AccountId32', Balance: 'u64', BlockNumber: 'u32', Call: 'Bounded' },
    fields: {
      creator: 'AccountId32 as AccountId',
      deposit: 'u64 as Balance',
      min_contribution: 'u64 as Balance',
      end: 'u32 as BlockNumber',
      cap: 'u64 as Balance',
      funds_account: 'AccountId32 as AccountId',
      raised: 'u64 as Balance',
      target_address: 'Option<AccountId32> as Option<AccountId>',
      call: 'Option<Bounded> as Option<Call>',
      finalized: 'bool',
      contributors_count: 'u32',
    },
  },
  Bounded: {
    path: 'frame_support::traits::preimages::Bounded',
    params: { T: 'RuntimeCall', H: 'BlakeTwo256' },
    variants: {
      Legacy: [0, { hash: 'H256 as H::Output' }],
      Inline: [1, ['BoundedVec<u8> as BoundedInline']],
      Lookup: [2, { hash: 'H256 as H::Output', len: 'u32' }],
    },
  },
  BlakeTwo256: { path: 'sp_runtime::traits::BlakeTwo256' },
};

/**
 * Pallets of 393 whose calls this chain does not have. Clients read their storage all the same (which crowdloans run) and learn that there is none.
 */
export const quietPallets: readonly Pallet[] = [
  {
    name: 'Swap',
    index: 28,
    crate: 'pallet_subtensor_swap::pallet',
    storage: {
      // The market's own fee. Prices and ticks are left out: the pool is whole here, and the runtime API tells its price.
      FeeRate: item<[number], number>([['u16', 'Twox64Concat']], 'u16', Number(FEE_RATE)),
      EnabledUserLiquidity: item<[number], boolean>([['u16', 'Twox64Concat']], 'bool', false),
    },
    calls: {},
    events: {},
    errors: {},
    constants: {
      MaxFeeRate: ['u16', 10_000],
      MaxPositions: ['u32', 100],
      MinimumLiquidity: ['u64', 1_000n],
    },
  },
  {
    name: 'Crowdloan',
    index: 27,
    crate: 'pallet_crowdloan',
    storage: {
      Crowdloans: item<Value[], Value>([['u32', 'Twox64Concat']], 'CrowdloanInfo', null),
      NextCrowdloanId: item<[], Value>([], 'u32', 0),
      Contributions: item<Value[], Value>(
        [
          ['u32', 'Twox64Concat'],
          ['AccountId32', 'Identity'],
        ],
        'u64',
        null,
      ),
      CurrentCrowdloanId: item<[], Value>([], 'u32', null),
      HasMigrationRun: item<Value[], Value>([['BoundedVec<u8>', 'Identity']], 'bool', false),
    },
    calls: {},
    events: {},
    errors: {},
    constants: {
      MinimumDeposit: ['u64', 10_000_000_000n],
      AbsoluteMinimumContribution: ['u64', 100_000_000n],
      MinimumBlockDuration: ['u32', 50_400],
      MaximumBlockDuration: ['u32', 432_000],
      RefundContributorsLimit: ['u32', 50],
      MaxContributors: ['u32', 500],
    },
  },
  {
    name: 'MevShield',
    index: 30,
    crate: 'pallet_shield',
    storage: {
      CurrentKey: item<[], Value>([], 'BoundedVec<u8>', null),
      PendingKey: item<[], Value>([], 'BoundedVec<u8>', null),
      NextKey: item<[], Value>([], 'BoundedVec<u8>', null),
      PendingKeyExpiresAt: item<[], Value>([], 'u32', null),
      NextKeyExpiresAt: item<[], Value>([], 'u32', null),
      HasMigrationRun: item<Value[], Value>([['BoundedVec<u8>', 'Identity']], 'bool', false),
    },
    calls: {},
    events: {},
    errors: {},
    constants: {},
  },
];
