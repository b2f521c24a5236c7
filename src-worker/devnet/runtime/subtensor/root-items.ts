import type { Fixed } from '../fixed.ts';
import { item } from '../item.ts';

const ACCOUNT = ['AccountId32', 'Blake2128Concat'] as const;

/** What a coldkey wants of its root dividends: TAO on root, the alpha itself, or that on some subnets only. */
export type RootClaimType =
  | { readonly type: 'Swap' | 'Keep'; readonly value: undefined }
  | { readonly type: 'KeepSubnets'; readonly value: { readonly subnets: readonly number[] } };

/** Alpha rao for every rao of TAO on root, by subnet in ascending order; 32 of the bits are the fraction. */
export type RootRates = readonly (readonly [netuid: number, rate: Fixed])[];

/** Storage of SubtensorModule at 393 for dividends of those who stake TAO on root. */
export const rootItems = {
  RootAlphaDividendsPerSubnet: item<[number, string], bigint>([['u16', 'Identity'], ACCOUNT], 'u64', 0n),
  /** 500,000 alpha rao: less is not worth a claim. 32 of the bits are the fraction. */
  RootClaimableThreshold: item<[number], Fixed>([['u16', 'Blake2128Concat']], 'FixedI128', {
    bits: 2_147_483_648_000_000n,
  }),
  RootClaimable: item<[string], RootRates>([ACCOUNT], 'BTreeMap<u16, FixedI128>', []),
  RootClaimed: item<[number, string, string], bigint>([['u16', 'Identity'], ACCOUNT, ACCOUNT], 'u128', 0n),
  RootClaimType: item<[string], RootClaimType>([ACCOUNT], 'RootClaimTypeEnum', {
    type: 'Swap',
    value: undefined,
  }),
  StakingColdkeysByIndex: item<[bigint], string | null>([['u64', 'Identity']], 'AccountId32', null),
  StakingColdkeys: item<[string], bigint | null>([['AccountId32', 'Identity']], 'u64', null),
  NumStakingColdkeys: item<[], bigint>([], 'u64', 0n),
  NumRootClaim: item<[], bigint>([], 'u64', 5n),
};
