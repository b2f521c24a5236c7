import { FEE_RATE } from '../economy/pool.ts';
import type { Shape } from '../scale/types.ts';
import { item } from './item.ts';
import type { Pallet, Value } from './pallet.ts';

export const quietShapes: Readonly<Record<string, Shape>> = {
  Multisig: {
    path: 'pallet_multisig::Multisig',
    params: { BlockNumber: 'u32', Balance: 'u64', AccountId: 'AccountId32', MaxApprovals: null },
    fields: {
      when: 'Timepoint as Timepoint<BlockNumber>',
      deposit: 'u64 as Balance',
      depositor: 'AccountId32 as AccountId',
      approvals: 'BoundedVec<AccountId32> as BoundedVec<AccountId, MaxApprovals>',
    },
  },
  Timepoint: {
    path: 'pallet_multisig::Timepoint',
    params: { BlockNumber: 'u32' },
    fields: { height: 'u32 as BlockNumber', index: 'u32' },
  },
  ProxyDefinition: {
    path: 'pallet_subtensor_proxy::ProxyDefinition',
    params: { AccountId: 'AccountId32', ProxyType: 'ProxyType', BlockNumber: 'u32' },
    fields: { delegate: 'AccountId32 as AccountId', proxy_type: 'ProxyType', delay: 'u32 as BlockNumber' },
  },
  ProxyType: {
    path: 'subtensor_runtime_common::ProxyType',
    variants: {
      Any: 0,
      Owner: 1,
      NonCritical: 2,
      NonTransfer: 3,
      Senate: 4,
      NonFungible: 5,
      Triumvirate: 6,
      Governance: 7,
      Staking: 8,
      Registration: 9,
      Transfer: 10,
      SmallTransfer: 11,
      RootWeights: 12,
      ChildKeys: 13,
      SudoUncheckedSetCode: 14,
      SwapHotkey: 15,
      SubnetLeaseBeneficiary: 16,
      RootClaim: 17,
    },
  },
  Announcement: {
    path: 'pallet_subtensor_proxy::Announcement',
    params: { AccountId: 'AccountId32', Hash: 'H256', BlockNumber: 'u32' },
    fields: { real: 'AccountId32 as AccountId', call_hash: 'H256 as Hash', height: 'u32 as BlockNumber' },
  },
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
 * Pallets of 393 whose calls this chain does not have. Clients read their storage all the same (who may act for an
 * account, what waits for more signatures, which crowdloans run) and learn that there is none.
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
    name: 'Multisig',
    index: 13,
    crate: 'pallet_multisig',
    storage: {
      Multisigs: item<Value[], Value>(
        [
          ['AccountId32', 'Twox64Concat'],
          ['[u8; 32]', 'Blake2128Concat'],
        ],
        'Multisig',
        null,
      ),
    },
    calls: {},
    events: {},
    errors: {},
    constants: {
      DepositBase: ['u64', 132_000_000n],
      DepositFactor: ['u64', 32_000_000n],
      MaxSignatories: ['u32', 100],
    },
  },
  {
    name: 'Proxy',
    index: 16,
    crate: 'pallet_subtensor_proxy',
    storage: {
      Proxies: item<Value[], Value>([['AccountId32', 'Twox64Concat']], '(BoundedVec<ProxyDefinition>, u64)', [
        [],
        0n,
      ]),
      Announcements: item<Value[], Value>(
        [['AccountId32', 'Twox64Concat']],
        '(BoundedVec<Announcement>, u64)',
        [[], 0n],
      ),
      LastCallResult: item<Value[], Value>(
        [['AccountId32', 'Twox64Concat']],
        'Result<(), DispatchError>',
        null,
      ),
      RealPaysFee: item<Value[], Value>(
        [
          ['AccountId32', 'Twox64Concat'],
          ['AccountId32', 'Twox64Concat'],
        ],
        '()',
        null,
      ),
    },
    calls: {},
    events: {},
    errors: {},
    constants: {
      ProxyDepositBase: ['u64', 60_000_000n],
      ProxyDepositFactor: ['u64', 33_000_000n],
      MaxProxies: ['u32', 20],
      MaxPending: ['u32', 75],
      AnnouncementDepositBase: ['u64', 36_000_000n],
      AnnouncementDepositFactor: ['u64', 68_000_000n],
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
