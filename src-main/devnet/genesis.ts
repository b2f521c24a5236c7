import type { DevnetOptions } from '../../src-shared/contract/devnet.ts';
import { RAO_PER_TAO, type Rao, rao, type Ss58 } from '../../src-shared/units.ts';

/** What the practice chain starts with. Amounts are chosen so that a first reward is visible in the wallet. */
export const PRACTICE_NETUID = 38;
export const PRACTICE_SUBNET_NAME = 'Butterfly practice';
/** A registration recycles about 0.1 TAO; prices above this would be a fault of the practice chain. */
export const REGISTRATION_LIMIT_RAO: Rao = rao(RAO_PER_TAO);
export const VALIDATOR_STAKE_RAO: Rao = rao(200n * RAO_PER_TAO);
export const MINER_FREE_RAO: Rao = rao(10n * RAO_PER_TAO);
export const VALIDATOR_FREE_RAO: Rao = rao(1_000n * RAO_PER_TAO);
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
  /** Of a practice with more than one. */
  readonly otherValidators?: readonly Keypair[];
  readonly miners: readonly Keypair[];
}

/** What one chain is told from others by; written once, so that a restart finds the same chain. */
export interface ChainIdentity {
  readonly seed: string;
  readonly genesisTimeMs: number;
  readonly controlToken: string;
}

/** @param stakeAlpha what backs the validator from the start, with a permit; null leaves it to register and stake by itself */
export function chainGenesis(
  keys: GenesisKeys,
  { seed, genesisTimeMs, controlToken }: ChainIdentity,
  at: Pick<DevnetOptions, 'dataDir' | 'port' | 'blockMs' | 'restMs' | 'specVersion'>,
  stakeAlpha: bigint | null = null,
): DevnetOptions {
  return {
    seed,
    genesisTimeMs,
    controlToken,
    ...at,
    accounts: [
      { ss58: keys.owner.coldkey, freeRao: OWNER_FREE_RAO },
      ...[keys.validator, ...(keys.otherValidators ?? [])].map(({ coldkey }) => ({
        ss58: coldkey,
        freeRao: VALIDATOR_FREE_RAO,
      })),
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
        neurons: stakeAlpha === null ? [] : [{ ...keys.validator, stakeAlpha, validatorPermit: true }],
      },
    ],
  };
}
