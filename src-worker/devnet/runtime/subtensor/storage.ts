import type { Shape } from '../../scale/types.ts';
import { type Fixed, fixedShapes } from '../fixed.ts';
import { item, type StorageItem } from '../item.ts';
import type { Value } from '../pallet.ts';
import { describedShapes } from './described.ts';
import { newerShapes } from './newer.ts';

export interface Axon {
  readonly block: bigint;
  readonly version: number;
  readonly ip: bigint;
  readonly port: number;
  readonly ip_type: number;
  readonly protocol: number;
  readonly placeholder1: number;
  readonly placeholder2: number;
}

export interface SubnetIdentity {
  readonly subnet_name: Uint8Array;
  readonly github_repo: Uint8Array;
  readonly subnet_contact: Uint8Array;
  readonly subnet_url: Uint8Array;
  readonly discord: Uint8Array;
  readonly description: Uint8Array;
  readonly logo_url: Uint8Array;
  readonly additional: Uint8Array;
}

/** Weights under a time lock: whose, committed at which block, cipher, round of the beacon that opens it. */
export type TimelockedCommit = readonly [hotkey: string, block: bigint, cipher: Uint8Array, round: bigint];

/** Pairs (uid, value). */
export type Row = readonly (readonly [uid: number, value: number])[];

export const subtensorShapes: Readonly<Record<string, Shape>> = {
  AxonInfo: {
    path: 'pallet_subtensor::pallet::AxonInfo',
    fields: {
      block: 'u64',
      version: 'u32',
      ip: 'u128',
      port: 'u16',
      ip_type: 'u8',
      protocol: 'u8',
      placeholder1: 'u8',
      placeholder2: 'u8',
    },
  },
  SubnetIdentityV3: {
    path: 'pallet_subtensor::pallet::SubnetIdentityV3',
    fields: {
      subnet_name: 'Vec<u8>',
      github_repo: 'Vec<u8>',
      subnet_contact: 'Vec<u8>',
      subnet_url: 'Vec<u8>',
      discord: 'Vec<u8>',
      description: 'Vec<u8>',
      logo_url: 'Vec<u8>',
      additional: 'Vec<u8>',
    },
  },
  RateLimitKey: {
    path: 'pallet_subtensor::RateLimitKey',
    params: { AccountId: 'AccountId32' },
    variants: {
      SetSNOwnerHotkey: [0, ['u16 as NetUid']],
      OwnerHyperparamUpdate: [1, ['u16 as NetUid', 'Hyperparameter']],
      NetworkLastRegistered: 2,
      LastTxBlock: [3, ['AccountId32 as AccountId']],
      LastTxBlockChildKeyTake: [4, ['AccountId32 as AccountId']],
      LastTxBlockDelegateTake: [5, ['AccountId32 as AccountId']],
      AddStakeBurn: [6, ['u16 as NetUid']],
    },
  },
  Hyperparameter: {
    path: 'pallet_subtensor::utils::rate_limiting::Hyperparameter',
    variants: {
      Unknown: 0,
      ServingRateLimit: 1,
      MaxDifficulty: 2,
      AdjustmentAlpha: 3,
      MaxWeightLimit: 4,
      ImmunityPeriod: 5,
      MinAllowedWeights: 6,
      Kappa: 7,
      Rho: 8,
      ActivityCutoff: 9,
      PowRegistrationAllowed: 10,
      MinBurn: 11,
      MaxBurn: 12,
      BondsMovingAverage: 13,
      BondsPenalty: 14,
      CommitRevealEnabled: 15,
      LiquidAlphaEnabled: 16,
      AlphaValues: 17,
      WeightCommitInterval: 18,
      TransferEnabled: 19,
      AlphaSigmoidSteepness: 20,
      Yuma3Enabled: 21,
      BondsResetEnabled: 22,
      ImmuneNeuronLimit: 23,
      RecycleOrBurn: 24,
      MaxAllowedUids: 25,
    },
  },
  ...fixedShapes,
  ...describedShapes,
  ...newerShapes,
};

/** Where TAO itself is staked. */
export const ROOT_NETUID = 0;
/** Subnets that there may be at once, root not among them. */
export const SUBNET_LIMIT = 128;
export const NO_ACCOUNT = `0x${'00'.repeat(32)}`;
const ZERO: Fixed = { bits: 0n };

const NETUID = ['u16', 'Identity'] as const;
const UID = ['u16', 'Identity'] as const;
const ACCOUNT = ['AccountId32', 'Blake2128Concat'] as const;

const perNet = <V>(value: string, fallback: V): StorageItem<[number], V> => item([NETUID], value, fallback);
const perNeuron = <V>(value: string, fallback: V): StorageItem<[number, number], V> =>
  item([NETUID, UID], value, fallback);
const perHotkey = <V>(value: string, fallback: V): StorageItem<[number, string], V> =>
  item([NETUID, ACCOUNT], value, fallback);
const perAccount = <V>(value: string, fallback: V): StorageItem<[string], V> =>
  item([ACCOUNT], value, fallback);

/** Storage of SubtensorModule, with the fallbacks of 393. What is new-subnet default there is written at genesis here. */
export const subnets = {
  // The chain
  TotalIssuance: item<[], bigint>([], 'u64', 0n),
  TotalStake: item<[], bigint>([], 'u64', 0n),
  SubnetLimit: item<[], number>([], 'u16', SUBNET_LIMIT),
  NetworkMinLockCost: item<[], bigint>([], 'u64', 1_000_000_000_000n),
  NetworkLastLockCost: item<[], bigint>([], 'u64', 1_000_000_000_000n),
  NetworkLockReductionInterval: item<[], bigint>([], 'u64', 100_800n),
  NetworkRateLimit: item<[], bigint>([], 'u64', 7_200n),
  LastRateLimitedBlock: item<[Value], bigint>([['RateLimitKey', 'Identity']], 'u64', 0n),
  TotalNetworks: item<[], number>([], 'u16', 0),
  SubnetOwnerCut: item<[], number>([], 'u16', 11_796),
  StakeThreshold: item<[], bigint>([], 'u64', 0n),
  CommitRevealWeightsVersion: item<[], number>([], 'u16', 4),

  // A subnet
  NetworksAdded: perNet('bool', false),
  NetworkRegisteredAt: perNet('u64', 0n),
  NetworkRegistrationAllowed: perNet('bool', true),
  FirstEmissionBlockNumber: perNet<bigint | null>('u64', null),
  TransferToggle: perNet('bool', true),
  SubtokenEnabled: perNet('bool', false),
  SubnetLocked: perNet('u64', 0n),
  SubnetMechanism: perNet('u16', 0),
  SubnetIdentitiesV3: item<[number], SubnetIdentity | null>(
    [['u16', 'Blake2128Concat']],
    'SubnetIdentityV3',
    null,
  ),
  TokenSymbol: perNet('Vec<u8>', Uint8Array.of(0xf0, 0x9d, 0x9c, 0x8f)),
  SubnetOwner: perNet('AccountId32', NO_ACCOUNT),
  SubnetOwnerHotkey: perNet('AccountId32', NO_ACCOUNT),
  SubnetworkN: perNet('u16', 0),
  MaxAllowedUids: perNet('u16', 256),
  MaxAllowedValidators: perNet('u16', 128),
  Tempo: perNet('u16', 360),
  BlocksSinceLastStep: perNet('u64', 0n),
  LastMechansimStepBlock: perNet('u64', 0n),
  ImmunityPeriod: perNet('u16', 4096),
  MinNonImmuneUids: perNet('u16', 10),
  ActivityCutoff: perNet('u16', 5000),
  ServingRateLimit: perNet('u64', 50n),
  Kappa: perNet('u16', 32_767),
  BondsMovingAverage: perNet('u64', 900_000n),
  BondsPenalty: perNet('u16', 65_535),
  Yuma3On: item<[number], boolean>([['u16', 'Blake2128Concat']], 'bool', false),
  MinAllowedWeights: perNet('u16', 1024),
  MaxWeightsLimit: perNet('u16', 65_535),
  WeightsVersionKey: perNet('u64', 0n),
  WeightsSetRateLimit: perNet('u64', 100n),
  CommitRevealWeightsEnabled: perNet('bool', true),

  RevealPeriodEpochs: item<[number], bigint>([['u16', 'Twox64Concat']], 'u64', 1n),
  TimelockedWeightCommits: item<[number, bigint], readonly TimelockedCommit[]>(
    [
      ['u16', 'Twox64Concat'],
      ['u64', 'Twox64Concat'],
    ],
    'Vec<(AccountId32, u64, BoundedVec<u8>, u64)>',
    [],
  ),

  // Registration
  Burn: perNet('u64', 100_000_000n),
  MinBurn: perNet('u64', 500_000n),
  MaxBurn: perNet('u64', 100_000_000_000n),
  AdjustmentInterval: perNet('u16', 100),
  LastAdjustmentBlock: perNet('u64', 0n),
  MaxRegistrationsPerBlock: perNet('u16', 1),
  TargetRegistrationsPerInterval: perNet('u16', 2),
  RegistrationsThisBlock: perNet('u16', 0),
  RegistrationsThisInterval: perNet('u16', 0),
  BurnRegistrationsThisInterval: perNet('u16', 0),
  RAORecycledForRegistration: perNet('u64', 0n),

  // Pool and emission
  SubnetTAO: perNet('u64', 0n),
  SubnetAlphaIn: perNet('u64', 0n),
  SubnetAlphaOut: perNet('u64', 0n),
  SubnetVolume: perNet('u128', 0n),
  SubnetTaoInEmission: perNet('u64', 0n),
  SubnetAlphaInEmission: perNet('u64', 0n),
  SubnetAlphaOutEmission: perNet('u64', 0n),
  SubnetMovingPrice: perNet<Fixed>('FixedI128', ZERO),
  PendingServerEmission: perNet('u64', 0n),
  PendingValidatorEmission: perNet('u64', 0n),
  /** 32 of its bits are the fraction. */
  RootProp: perNet<Fixed>('FixedU128', ZERO),
  PendingRootAlphaDivs: perNet('u64', 0n),
  PendingOwnerCut: perNet('u64', 0n),
  AlphaDividendsPerSubnet: perHotkey('u64', 0n),

  // Keys and stake
  Owner: perAccount('AccountId32', NO_ACCOUNT),
  Delegates: perAccount('u16', 11_796),
  OwnedHotkeys: perAccount<string[]>('Vec<AccountId32>', []),
  StakingHotkeys: perAccount<string[]>('Vec<AccountId32>', []),
  AutoStakeDestination: item<[string, number], string | null>([ACCOUNT, NETUID], 'AccountId32', null),
  AutoStakeDestinationColdkeys: item<[string, number], string[]>([ACCOUNT, NETUID], 'Vec<AccountId32>', []),
  StakingOperationRateLimiter: item<[string, string, number], boolean>(
    [ACCOUNT, ACCOUNT, NETUID],
    'bool',
    false,
  ),
  LastHotkeySwapOnNetuid: item<[number, string], bigint>([NETUID, ACCOUNT], 'u64', 0n),
  IsNetworkMember: item<[string, number], boolean>([ACCOUNT, NETUID], 'bool', false),
  TotalHotkeyAlpha: item<[string, number], bigint>([ACCOUNT, NETUID], 'u64', 0n),
  TotalHotkeyShares: item<[string, number], Fixed>([ACCOUNT, NETUID], 'FixedU128', ZERO),
  Alpha: item<[string, string, number], Fixed>([ACCOUNT, ACCOUNT, NETUID], 'FixedU128', ZERO),

  // Neurons
  Uids: perHotkey<number | null>('u16', null),
  Keys: perNeuron('AccountId32', NO_ACCOUNT),
  BlockAtRegistration: perNeuron('u64', 0n),
  Axons: perHotkey<Axon | null>('AxonInfo', null),
  Weights: perNeuron<Row>('Vec<(u16, u16)>', []),
  Bonds: perNeuron<Row>('Vec<(u16, u16)>', []),
  Active: perNet<boolean[]>('Vec<bool>', []),
  Consensus: perNet<number[]>('Vec<u16>', []),
  Incentive: perNet<number[]>('Vec<u16>', []),
  Dividends: perNet<number[]>('Vec<u16>', []),
  Emission: perNet<bigint[]>('Vec<u64>', []),
  LastUpdate: perNet<bigint[]>('Vec<u64>', []),
  ValidatorTrust: perNet<number[]>('Vec<u16>', []),
  ValidatorPermit: perNet<boolean[]>('Vec<bool>', []),
};
