import type { Shape } from '../../scale/types.ts';
import { item } from '../item.ts';
import type { Value } from '../pallet.ts';
import { type ProxyKind, proxyKinds } from './kinds.ts';

export interface ProxyDefinition {
  readonly delegate: string;
  readonly proxy_type: { readonly type: ProxyKind; readonly value?: undefined };
  /** Blocks between an announcement and its call; 0: none has to be announced. */
  readonly delay: number;
}

export interface Announcement {
  readonly real: string;
  readonly call_hash: string;
  readonly height: number;
}

/** A list and the deposit that is held for it, in rao. */
export type Held<T> = readonly [list: readonly T[], depositRao: bigint];

const account = ['AccountId32', 'Twox64Concat'] as const;

export const proxyStorage = {
  /** Who may act for an account, sorted. */
  Proxies: item<[string], Held<ProxyDefinition>>([account], '(BoundedVec<ProxyDefinition>, u64)', [[], 0n]),
  /** What an account has announced that it will do for others. */
  Announcements: item<[string], Held<Announcement>>([account], '(BoundedVec<Announcement>, u64)', [[], 0n]),
  /** How the last call went that was made for an account. */
  LastCallResult: item<[string], Value | null>([account], 'Result<(), DispatchError>', null),
  RealPaysFee: item<[string, string], Value | null>([account, account], '()', null),
};

export const proxyShapes: Readonly<Record<string, Shape>> = {
  ProxyDefinition: {
    path: 'pallet_subtensor_proxy::ProxyDefinition',
    params: { AccountId: 'AccountId32', ProxyType: 'ProxyType', BlockNumber: 'u32' },
    fields: { delegate: 'AccountId32 as AccountId', proxy_type: 'ProxyType', delay: 'u32 as BlockNumber' },
  },
  ProxyType: { path: 'subtensor_runtime_common::ProxyType', variants: proxyKinds },
  Announcement: {
    path: 'pallet_subtensor_proxy::Announcement',
    params: { AccountId: 'AccountId32', Hash: 'H256', BlockNumber: 'u32' },
    fields: { real: 'AccountId32 as AccountId', call_hash: 'H256 as Hash', height: 'u32 as BlockNumber' },
  },
  DepositKind: { path: 'pallet_subtensor_proxy::DepositKind', variants: { Proxies: 0, Announcements: 1 } },
};

/** Rao. Held for a list, and for each of its entries. */
export const DEPOSITS = {
  ProxyDepositBase: 60_000_000n,
  ProxyDepositFactor: 33_000_000n,
  AnnouncementDepositBase: 36_000_000n,
  AnnouncementDepositFactor: 68_000_000n,
} as const;
export const MAX_PROXIES = 20;
export const MAX_PENDING = 75;

export const proxyErrors = {
  TooMany: 0,
  NotFound: 1,
  NotProxy: 2,
  Unproxyable: 3,
  Duplicate: 4,
  NoPermission: 5,
  Unannounced: 6,
  NoSelfProxy: 7,
  AnnouncementDepositInvariantViolated: 8,
  InvalidDerivedAccountId: 9,
} as const;
