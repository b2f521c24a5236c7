import { BLOCK_HASH_COUNT } from '../limits.ts';
import type { Shape } from '../scale/types.ts';
import { type Failure, failuresOf } from './failure.ts';
import { item } from './item.ts';
import type { Pallet, Value } from './pallet.ts';
import type { RuntimeVersion } from './version.ts';

export interface AccountRecord {
  readonly nonce: number;
  readonly consumers: number;
  readonly providers: number;
  readonly sufficients: number;
  readonly data: {
    readonly free: bigint;
    readonly reserved: bigint;
    readonly frozen: bigint;
    readonly flags: bigint;
  };
}

export interface LastRuntimeUpgrade {
  readonly spec_version: number;
  readonly spec_name: string;
}

/** Accounts since the balances rewrite carry this flag. */
const NEW_LOGIC = 1n << 127n;

const absent: AccountRecord = {
  nonce: 0,
  consumers: 0,
  providers: 0,
  sufficients: 0,
  data: { free: 0n, reserved: 0n, frozen: 0n, flags: NEW_LOGIC },
};

export const systemShapes: Readonly<Record<string, Shape>> = {
  ExtraFlags: { path: 'pallet_balances::types::ExtraFlags', fields: ['u128'] },
  AccountData: {
    path: 'pallet_balances::types::AccountData',
    params: { Balance: 'u64' },
    fields: {
      free: 'u64 as Balance',
      reserved: 'u64 as Balance',
      frozen: 'u64 as Balance',
      flags: 'ExtraFlags',
    },
  },
  LastRuntimeUpgradeInfo: {
    path: 'frame_system::LastRuntimeUpgradeInfo',
    fields: {
      spec_version: 'Compact<u32> as codec::Compact<u32>',
      spec_name: "CowOfText as Cow<'static, str>",
    },
  },
  AccountInfo: {
    path: 'frame_system::AccountInfo',
    params: { Nonce: 'u32', AccountData: 'AccountData' },
    fields: {
      nonce: 'u32 as Nonce',
      consumers: 'u32 as RefCount',
      providers: 'u32 as RefCount',
      sufficients: 'u32 as RefCount',
      data: 'AccountData',
    },
  },
};

export const systemStorage = {
  Account: item<[string], AccountRecord>([['AccountId32', 'Blake2128Concat']], 'AccountInfo', absent),
  BlockHash: item<[number], string>([['u32', 'Twox64Concat']], 'H256', `0x${'00'.repeat(32)}`),
  Number: item<[], number>([], 'u32', 0),
  ParentHash: item<[], string>([], 'H256', `0x${'00'.repeat(32)}`),
  Events: item<[], Value[]>([], 'Vec<EventRecord>', []),
  EventCount: item<[], number>([], 'u32', 0),
  LastRuntimeUpgrade: item<[], LastRuntimeUpgrade | null>([], 'LastRuntimeUpgradeInfo', null),
};

const systemErrors = {
  InvalidSpecName: 0,
  SpecVersionNeedsToIncrease: 1,
  FailedToExtractRuntimeVersion: 2,
  NonDefaultComposite: 3,
  NonZeroRefCount: 4,
  CallFiltered: 5,
  MultiBlockMigrationsOngoing: 6,
  NothingAuthorized: 7,
  Unauthorized: 8,
} as const;

const fail = failuresOf('System', systemErrors);

/** A call that its caller may not make. */
export const callFiltered = (): Failure => fail('CallFiltered');

export const system = (version: RuntimeVersion): Pallet => ({
  name: 'System',
  index: 0,
  crate: 'frame_system',
  storage: systemStorage,
  calls: {
    remark: { index: 0, args: { remark: 'Vec<u8>' }, refTime: 2_000_000, pays: true, run: () => {} },
  },
  events: {
    ExtrinsicSuccess: [0, { dispatch_info: 'DispatchEventInfo' }],
    ExtrinsicFailed: [1, { dispatch_error: 'DispatchError', dispatch_info: 'DispatchEventInfo' }],
    CodeUpdated: 2,
    NewAccount: [3, { account: 'AccountId32 as T::AccountId' }],
    KilledAccount: [4, { account: 'AccountId32 as T::AccountId' }],
    Remarked: [5, { sender: 'AccountId32 as T::AccountId', hash: 'H256 as T::Hash' }],
    UpgradeAuthorized: [6, { code_hash: 'H256 as T::Hash', check_version: 'bool' }],
    RejectedInvalidAuthorizedUpgrade: [7, { code_hash: 'H256 as T::Hash', error: 'DispatchError' }],
  },
  errors: systemErrors,
  constants: {
    BlockHashCount: ['u32', BLOCK_HASH_COUNT],
    Version: ['RuntimeVersion', version],
    SS58Prefix: ['u16', 42],
  },
});
