import type { Shape } from '../../scale/types.ts';
import type { Fixed } from '../fixed.ts';
import { item } from '../item.ts';
import type { Value } from '../pallet.ts';

/** Weights of which a hash alone is known: committed at which block, to be revealed from which block to which. */
export type HashCommit = readonly [hash: string, block: bigint, from: bigint, to: bigint];

const NETUID = ['u16', 'Identity'] as const;
const ACCOUNT = ['AccountId32', 'Blake2128Concat'] as const;
const perNet = <V>(value: string, fallback: V) => item<[number], V>([NETUID], value, fallback);

/**
 * Storage of SubtensorModule at 393 that no rule of this chain writes, but for what a subnet's owner may turn. Clients
 * read it all the same and take what is not there for its fallback, so these are the answers of a chain on which nobody
 * has touched them.
 */
export const described = {
  MinActivityCutoff: item<[], number>([], 'u16', 360),
  AdminFreezeWindow: item<[], number>([], 'u16', 10),
  OwnerHyperparamRateLimit: item<[], number>([], 'u16', 2),
  DissolveNetworkScheduleDuration: item<[], number>([], 'u32', 36_000),
  NextStakeJobId: item<[], bigint>([], 'u64', 0n),
  TaoWeight: item<[], bigint>([], 'u64', 971_718_665_099_567_868n),
  CKBurn: item<[], bigint>([], 'u64', 0n),
  MaxDelegateTake: item<[], number>([], 'u16', 11_796),
  MinDelegateTake: item<[], number>([], 'u16', 0),
  BlockEmission: item<[], bigint>([], 'u64', 1_000_000_000n),
  LastHotkeyEmissionOnNetuid: item<[string, number], bigint>([ACCOUNT, NETUID], 'u64', 0n),
  SubnetMovingAlpha: item<[], Fixed>([], 'FixedI128', { bits: 12_885n }),
  SubnetTaoProvided: perNet('u64', 0n),
  SubnetAlphaInProvided: perNet('u64', 0n),
  ColdkeySwapAnnouncementDelay: item<[], number>([], 'u32', 36_000),
  ColdkeySwapReannouncementDelay: item<[], number>([], 'u32', 7_200),
  ColdkeySwapAnnouncements: item<[string], Value | null>(
    [['AccountId32', 'Twox64Concat']],
    '(u32, H256)',
    null,
  ),
  ColdkeySwapDisputes: item<[string], number | null>([['AccountId32', 'Twox64Concat']], 'u32', null),
  TotalHotkeyAlphaLastEpoch: item<[string, number], bigint>([ACCOUNT, NETUID], 'u64', 0n),
  UsedWork: item<[Uint8Array], bigint>([['Vec<u8>', 'Identity']], 'u64', 0n),
  NetworkImmunityPeriod: item<[], bigint>([], 'u64', 1_296_000n),
  StartCallDelay: item<[], bigint>([], 'u64', 0n),
  NominatorMinRequiredStake: item<[], bigint>([], 'u64', 0n),
  WeightsVersionKeyRateLimit: item<[], bigint>([], 'u64', 5n),
  LargestLocked: perNet('u64', 0n),
  NetworkPowRegistrationAllowed: perNet('bool', true),
  RecycleOrBurn: perNet<Value>('RecycleOrBurnEnum', { type: 'Burn', value: undefined }),
  Rho: perNet('u16', 10),
  AlphaSigmoidSteepness: perNet('i16', 1_000),
  POWRegistrationsThisInterval: perNet('u16', 0),
  MinAllowedUids: perNet('u16', 64),
  BondsResetOn: perNet('bool', false),
  ValidatorPruneLen: perNet('u64', 1n),
  ScalingLawPower: perNet('u16', 50),
  AdjustmentAlpha: perNet('u64', 0n),
  Difficulty: perNet('u64', 10_000_000n),
  MinDifficulty: perNet('u64', 10_000_000n),
  MaxDifficulty: perNet('u64', 4_611_686_018_427_387_903n),
  EMAPriceHalvingBlocks: perNet('u64', 201_600n),
  TxRateLimit: item<[], bigint>([], 'u64', 1_000n),
  TxDelegateTakeRateLimit: item<[], bigint>([], 'u64', 216_000n),
  LiquidAlphaOn: item<[number], boolean>([['u16', 'Blake2128Concat']], 'bool', false),
  AlphaValues: perNet<Value>('(u16, u16)', [45875, 58982]),
  VotingPower: item<[number, string], bigint>([NETUID, ACCOUNT], 'u64', 0n),
  VotingPowerTrackingEnabled: perNet('bool', false),
  VotingPowerDisableAtBlock: perNet('u64', 0n),
  VotingPowerEmaAlpha: perNet('u64', 3_570_000_000_000_000n),
  ImmuneOwnerUidsLimit: perNet('u16', 1),
  StakeWeight: perNet<number[]>('Vec<u16>', []),
  LoadedEmission: perNet<Value | null>('Vec<(AccountId32, u64, u64)>', null),
  NeuronCertificates: item<[number, string], Value | null>([NETUID, ACCOUNT], 'NeuronCertificate', null),
  Prometheus: item<[number, string], Value | null>([NETUID, ACCOUNT], 'PrometheusInfo', null),
  IdentitiesV2: item<[string], Value | null>([ACCOUNT], 'ChainIdentityV2', null),
  TransactionKeyLastBlock: item<[string, number, number], bigint>([ACCOUNT, NETUID, NETUID], 'u64', 0n),
  LastTxBlock: item<[string], bigint>([['AccountId32', 'Identity']], 'u64', 0n),
  LastTxBlockChildKeyTake: item<[string], bigint>([['AccountId32', 'Identity']], 'u64', 0n),
  LastTxBlockDelegateTake: item<[string], bigint>([['AccountId32', 'Identity']], 'u64', 0n),
  WeightCommits: item<[number, string], readonly HashCommit[] | null>(
    [
      ['u16', 'Twox64Concat'],
      ['AccountId32', 'Twox64Concat'],
    ],
    'Vec<(H256, u64, u64, u64)>',
    null,
  ),
  CRV3WeightCommits: item<[number, bigint], Value>(
    [
      ['u16', 'Twox64Concat'],
      ['u64', 'Twox64Concat'],
    ],
    'Vec<(AccountId32, BoundedVec<u8>, u64)>',
    [],
  ),
  CRV3WeightCommitsV2: item<[number, bigint], Value>(
    [
      ['u16', 'Twox64Concat'],
      ['u64', 'Twox64Concat'],
    ],
    'Vec<(AccountId32, u64, BoundedVec<u8>, u64)>',
    [],
  ),
  LastColdkeyHotkeyStakeBlock: item<[string, string], bigint | null>(
    [
      ['AccountId32', 'Twox64Concat'],
      ['AccountId32', 'Twox64Concat'],
    ],
    'u64',
    null,
  ),
  AssociatedEvmAddress: item<[number, number], Value | null>(
    [
      ['u16', 'Twox64Concat'],
      ['u16', 'Twox64Concat'],
    ],
    '(H160, u64)',
    null,
  ),
  SubnetLeases: item<[number], Value | null>([['u32', 'Twox64Concat']], 'SubnetLease', null),
  SubnetLeaseShares: item<[number, string], Fixed>(
    [
      ['u32', 'Twox64Concat'],
      ['AccountId32', 'Identity'],
    ],
    'FixedU128',
    { bits: 0n },
  ),
  SubnetUidToLeaseId: item<[number], number | null>([['u16', 'Twox64Concat']], 'u32', null),
  NextSubnetLeaseId: item<[], number>([], 'u32', 0),
  AccumulatedLeaseDividends: item<[number], bigint>([['u32', 'Twox64Concat']], 'u64', 0n),
  NetworkRegistrationStartBlock: item<[], bigint>([], 'u64', 0n),
  HasMigrationRun: item<[Uint8Array], boolean>([['Vec<u8>', 'Identity']], 'bool', false),
};

/** Of each neuron, as releases up to 393 keep it. */
export const ranks = {
  Rank: perNet<number[]>('Vec<u16>', []),
  Trust: perNet<number[]>('Vec<u16>', []),
  PruningScores: perNet<number[]>('Vec<u16>', []),
};

export const describedShapes: Readonly<Record<string, Shape>> = {
  H160: { path: 'primitive_types::H160', fields: ['[u8; 20]'] },
  RootClaimTypeEnum: {
    path: 'pallet_subtensor::pallet::RootClaimTypeEnum',
    variants: { Swap: 0, Keep: 1, KeepSubnets: [2, { subnets: 'BTreeSet<u16> as BTreeSet<NetUid>' }] },
  },
  RecycleOrBurnEnum: {
    path: 'pallet_subtensor::pallet::RecycleOrBurnEnum',
    variants: { Burn: 0, Recycle: 1 },
  },
  NeuronCertificate: {
    path: 'pallet_subtensor::pallet::NeuronCertificate',
    fields: { public_key: 'BoundedVec<u8> as BoundedVec<u8, ConstU32<64>>', algorithm: 'u8' },
  },
  PrometheusInfo: {
    path: 'pallet_subtensor::pallet::PrometheusInfo',
    fields: { block: 'u64', version: 'u32', ip: 'u128', port: 'u16', ip_type: 'u8' },
  },
  ChainIdentityV2: {
    path: 'pallet_subtensor::pallet::ChainIdentityV2',
    fields: {
      name: 'Vec<u8>',
      url: 'Vec<u8>',
      github_repo: 'Vec<u8>',
      image: 'Vec<u8>',
      discord: 'Vec<u8>',
      description: 'Vec<u8>',
      additional: 'Vec<u8>',
    },
  },
  SubnetLease: {
    path: 'pallet_subtensor::subnets::leasing::SubnetLease',
    params: { AccountId: 'AccountId32', BlockNumber: 'u32', Balance: 'u64' },
    fields: {
      beneficiary: 'AccountId32 as AccountId',
      coldkey: 'AccountId32 as AccountId',
      hotkey: 'AccountId32 as AccountId',
      emissions_share: 'Percent',
      end_block: 'Option<u32> as Option<BlockNumber>',
      netuid: 'u16 as NetUid',
      cost: 'u64 as Balance',
    },
  },
  Percent: { path: 'sp_arithmetic::per_things::Percent', fields: ['u8'] },
};
