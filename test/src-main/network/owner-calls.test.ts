import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextEpochBlock } from '../../../src-main/network/epoch-rule.ts';
import { readEpochClock } from '../../../src-main/network/reads/epoch-clock.ts';
import {
  type Hyperparameters,
  readHyperparameters,
} from '../../../src-main/network/reads/hyperparameters.ts';
import { openSession, type Session } from '../../../src-main/network/session.ts';
import { type OwnerCall, ownerCalls } from '../../../src-shared/chain/calls.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import {
  connect,
  miner,
  NETUID,
  owner,
  ownerHotkey,
  SUBNET_NAME,
  sealing,
  startTestChain,
  type TestChain,
} from './rig.ts';

const { signal } = new AbortController();
type Turned = readonly [value: bigint | boolean, told: Partial<Hyperparameters>];

/** A value for every setting that an owner has, and what the chain tells of the subnet then. */
const TURNS: Readonly<Record<Exclude<OwnerCall, typeof ROOTS>, Turned>> = {
  'AdminUtils.sudo_set_activity_cutoff': [4_000n, { activityCutoff: 4_000 }],
  'AdminUtils.sudo_set_bonds_moving_average': [900_001n, { bondsMovingAverage: 900_001n }],
  'AdminUtils.sudo_set_commit_reveal_weights_enabled': [true, { commitReveal: true }],
  'AdminUtils.sudo_set_commit_reveal_weights_interval': [2n, { revealPeriodEpochs: 2 }],
  'AdminUtils.sudo_set_immunity_period': [77n, { immunityPeriod: 77 }],
  'AdminUtils.sudo_set_liquid_alpha_enabled': [true, { liquidAlpha: true }],
  'AdminUtils.sudo_set_max_burn': [200_000_000n, { maxBurnRao: 200_000_000n as never }],
  'AdminUtils.sudo_set_min_allowed_weights': [3n, { minAllowedWeights: 3 }],
  'AdminUtils.sudo_set_min_burn': [600_000n, { minBurnRao: 600_000n as never }],
  'AdminUtils.sudo_set_owner_immune_neuron_limit': [2n, {}],
  'AdminUtils.sudo_set_rho': [11n, { rho: 11 }],
  'AdminUtils.sudo_set_serving_rate_limit': [7n, { servingRateLimit: 7 }],
  'AdminUtils.sudo_set_toggle_transfer': [false, { transfersEnabled: false }],
  'AdminUtils.sudo_set_weights_version_key': [2n, { weightsVersion: 2n }],
  'AdminUtils.sudo_set_yuma3_enabled': [false, { yumaVersion: 2 }],
};
/** At 393 the chain's superuser alone may. */
const ROOTS = 'AdminUtils.sudo_set_network_registration_allowed';

describe('what a subnet’s owner turns', () => {
  let devnet: Devnet;
  let chain: TestChain;
  let session: Session;
  beforeAll(async () => {
    const [name, tempo] = [SUBNET_NAME, 360];
    const pool = { taoReserveRao: 10n ** 12n, alphaReserveRao: 10n ** 12n };
    const keys = { ownerColdkey: owner.address, ownerHotkey: ownerHotkey.address };
    devnet = await startTestChain({ subnets: [{ netuid: NETUID, name, tempo, ...keys, ...pool }] });
    chain = await connect([devnet.url], signal);
    session = await openSession(devnet.url, signal);
  });
  afterAll(async () => {
    session.close();
    await chain.stop();
    await devnet.stop();
  });

  const newest = () => {
    const { finalized } = chain;
    if (!finalized) throw new Error('nothing is final yet');
    return finalized;
  };
  /** Far from the blocks before an epoch, in which the chain takes none of these. */
  async function sealAwayFromEpoch(): Promise<void> {
    const { number, hash } = newest();
    const next = nextEpochBlock(number, await readEpochClock(session, NETUID, hash, signal)) ?? 0;
    if (next - number < 200) for (let at = number; at < next; at++) devnet.sealBlock();
  }
  const turn = (call: OwnerCall, value: bigint | boolean, signer = owner) =>
    sealing(devnet, chain.submit({ kind: 'setHyperparameter', call, value }, signer, signal));

  it('is turned on the chain, and read back as it was turned', async () => {
    expect(new Set([...Object.keys(TURNS), ROOTS])).toEqual(new Set(Object.keys(ownerCalls)));
    for (const [call, [value, told]] of Object.entries(TURNS) as [OwnerCall, Turned][]) {
      await sealAwayFromEpoch();
      expect([call, (await turn(call, value)).kind]).toEqual([call, 'finalized']);
      expect(await readHyperparameters(session, NETUID, newest().hash, signal)).toMatchObject(told);
    }
  });

  it('is refused by name where it is not the owner, or not the time', async () => {
    await sealAwayFromEpoch();
    expect(await turn('AdminUtils.sudo_set_rho', 12n, miner)).toMatchObject({
      kind: 'refused',
      error: 'BadOrigin',
    });
    const [last] = Object.keys(TURNS).slice(-1) as [OwnerCall];
    expect(await turn(last, true)).toMatchObject({ kind: 'refused', error: 'TxRateLimitExceeded' });
    expect(await turn(ROOTS, false)).toMatchObject({ kind: 'refused', error: 'BadOrigin' });
  });
});
