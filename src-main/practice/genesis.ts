import { randomBytes } from 'node:crypto';
import type { DevnetOptions } from '../../src-shared/contract/devnet.ts';
import { RAO_PER_TAO, type Rao, rao, type Ss58 } from '../../src-shared/units.ts';

/** What the practice chain starts with. Amounts are chosen so that a first reward is visible in the wallet. */
export const PRACTICE_NETUID = 38;
export const PRACTICE_SUBNET_NAME = 'Butterfly practice';
/** A registration recycles about 0.1 TAO; prices above this would be a fault of the practice chain. */
export const REGISTRATION_LIMIT_RAO: Rao = rao(RAO_PER_TAO);
export const VALIDATOR_STAKE_RAO: Rao = rao(200n * RAO_PER_TAO);
const MINER_FREE_RAO = 10n * RAO_PER_TAO;
const VALIDATOR_FREE_RAO = 1_000n * RAO_PER_TAO;
const OWNER_FREE_RAO = 1_000n * RAO_PER_TAO;
const POOL_TAO_RAO = 10_000n * RAO_PER_TAO;
const POOL_ALPHA_RAO = 20_000n * RAO_PER_TAO;

export interface Keypair {
  readonly coldkey: Ss58;
  readonly hotkey: Ss58;
}

export interface GenesisKeys {
  readonly owner: Keypair;
  readonly validator: Keypair;
  readonly miners: readonly Keypair[];
}

/** The identity of one practice chain; written once, so that a restart finds the same chain. */
export interface PracticeIdentity {
  readonly seed: string;
  readonly genesisTimeMs: number;
  readonly controlToken: string;
  /** As measured when the chain was made: it is part of the genesis, so it cannot follow the machine later. */
  readonly blockMs: number | null;
}

export const newPracticeIdentity = (nowMs: number): PracticeIdentity => ({
  seed: randomBytes(32).toString('hex'),
  genesisTimeMs: nowMs,
  controlToken: randomBytes(24).toString('hex'),
  blockMs: null,
});

export function practiceGenesis(
  keys: GenesisKeys,
  identity: PracticeIdentity,
  at: { dataDir: string; port: number; blockMs: number },
): DevnetOptions {
  return {
    ...identity,
    ...at,
    accounts: [
      { ss58: keys.owner.coldkey, freeRao: OWNER_FREE_RAO },
      { ss58: keys.validator.coldkey, freeRao: VALIDATOR_FREE_RAO },
      ...keys.miners.map(({ coldkey }) => ({ ss58: coldkey, freeRao: MINER_FREE_RAO })),
    ],
    subnets: [
      {
        netuid: PRACTICE_NETUID,
        name: PRACTICE_SUBNET_NAME,
        description: 'A chain on this computer. Its TAO and alpha have no value.',
        ownerColdkey: keys.owner.coldkey,
        ownerHotkey: keys.owner.hotkey,
        taoReserveRao: POOL_TAO_RAO,
        alphaReserveRao: POOL_ALPHA_RAO,
      },
    ],
  };
}

/** Blocks of the fastest practice chain; the design's figure where the machine allows. */
const FASTEST_BLOCK_MS = 1_000;
const SLOWEST_BLOCK_MS = 10_000;
/** A round must hold at least this many inner steps before its ready block. */
const STEPS_PER_ROUND_MIN = 8;

/**
 * Block time from the start-up benchmark: the trainers share the machine's cores, so a step takes about
 * `stepMs * trainers / cores` of wall time.
 */
export function practiceBlockMs(
  stepMs: number | null,
  trainers: number,
  cores: number,
  readyBlocks: number,
): number {
  if (stepMs === null) return FASTEST_BLOCK_MS;
  const wallStepMs = stepMs * Math.max(1, trainers / cores);
  const neededMs = Math.ceil((wallStepMs * STEPS_PER_ROUND_MIN) / readyBlocks / 100) * 100;
  return Math.min(SLOWEST_BLOCK_MS, Math.max(FASTEST_BLOCK_MS, neededMs));
}
