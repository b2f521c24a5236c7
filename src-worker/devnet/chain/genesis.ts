import { utf8ToBytes } from '@noble/hashes/utils.js';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { beaconSecretFrom } from '../../../src-node/timelock.ts';
import type { DevnetInit, DevnetSubnet } from '../../../src-shared/contract/devnet.ts';
import { credit } from '../runtime/balances.ts';
import { setBeacon } from '../runtime/drand.ts';
import type { Context } from '../runtime/pallet.ts';
import { releaseOf } from '../runtime/release.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { CODE_KEY, codeOf, Runtimes } from '../runtime/runtimes.ts';
import type { Store } from '../runtime/store.ts';
import { described } from '../runtime/subtensor/described.ts';
import { seat } from '../runtime/subtensor/neurons.ts';
import { setReserves } from '../runtime/subtensor/reserves.ts';
import { addStake, associate } from '../runtime/subtensor/stake.ts';
import { ROOT_NETUID, subnets } from '../runtime/subtensor/storage.ts';
import { timestampStorage } from '../runtime/timestamp.ts';
import { MANUAL_BLOCK_MS } from './chain-time.ts';
import { Executor } from './executor.ts';
import { type Block, extrinsicsRoot, type Header, headerHash, stateRoot } from './header.ts';
import type { Change } from './history.ts';
import { Overlay } from './overlay.ts';
import { accountOf } from './ss58.ts';

export interface Genesis {
  readonly block: Block;
  readonly changes: Change[];
}

const TAO_RAO = 1_000_000_000n;
const NO_HASH = `0x${'00'.repeat(32)}`;

/** The runtimes by which a chain goes on from its genesis. */
export function runtimesOf(init: DevnetInit): Runtimes {
  const rules = {
    refuseLoopbackAxons: init.refuseLoopbackAxons,
    beaconSecret: beaconSecretFrom(utf8ToBytes(`butterfly devnet beacon ${init.seed}`)),
  };
  const netuids = init.subnets.map(({ netuid }) => netuid);
  return new Runtimes({ blockMs: init.blockMs ?? MANUAL_BLOCK_MS, netuids, rules });
}

/**
 * Block 0: the same options give the same hash, on any machine and at any time. It is laid out as 393 has it; where the
 * chain begins with a later release its first block brings the state there, as an upgrade does.
 * @param runtime of 393
 */
export function buildGenesis(init: DevnetInit, runtime: Runtime): Genesis {
  const overlay = new Overlay(() => null);
  const { context } = new Executor(runtime, overlay, 0);
  for (const { ss58, freeRao } of init.accounts) if (freeRao > 0n) credit(context, accountOf(ss58), freeRao);
  for (const subnet of init.subnets) createSubnet(context, subnet);
  const pools = init.subnets.reduce((sum, { taoReserveRao }) => sum + taoReserveRao, 0n);
  const accounts = init.accounts.reduce((sum, { freeRao }) => sum + freeRao, 0n);
  context.store.put(subnets.TotalIssuance, accounts + pools);
  createRoot(context.store);
  setBeacon(context.store, runtime.config.rules.beaconSecret);
  // Chains that say nothing of it keep the genesis that they always had.
  if (init.commitRevealVersion !== subnets.CommitRevealWeightsVersion.fallback)
    context.store.put(subnets.CommitRevealWeightsVersion, init.commitRevealVersion);
  if (init.nominationPerMillion > 0n)
    context.store.put(described.NominatorMinRequiredStake, init.nominationPerMillion);
  context.store.put(subnets.TotalNetworks, init.subnets.length + 1);
  context.store.put(timestampStorage.Now, BigInt(init.genesisTimeMs));
  const begun = releaseOf(init.specVersion);
  if (begun && begun !== runtime.release) overlay.write(CODE_KEY, codeOf(begun));
  const changes = overlay.changes();
  const header: Header = {
    parentHash: NO_HASH,
    number: 0,
    stateRoot: stateRoot(optionsDigest(init), changes),
    extrinsicsRoot: extrinsicsRoot([]),
  };
  return { block: { hash: headerHash(header), header, extrinsics: [] }, changes };
}

/** What shapes the chain but lies in no storage: seed and rules. The pace does not: it may change as the chain goes on. */
function optionsDigest({ seed, refuseLoopbackAxons }: DevnetInit): string {
  return `0x${sha256Hex(JSON.stringify({ seed, refuseLoopbackAxons }))}`;
}

/** Where TAO itself is staked; it has no pool and no neurons of its own. */
function createRoot(store: Store): void {
  store.put(subnets.NetworksAdded, true, ROOT_NETUID);
  store.put(subnets.SubtokenEnabled, true, ROOT_NETUID);
}

function createSubnet({ store }: Context, subnet: DevnetSubnet): void {
  const { netuid } = subnet;
  const coldkey = accountOf(subnet.ownerColdkey);
  const hotkey = accountOf(subnet.ownerHotkey);
  store.put(subnets.NetworksAdded, true, netuid);
  store.put(subnets.SubnetMechanism, 1, netuid);
  store.put(subnets.SubnetOwner, coldkey, netuid);
  store.put(subnets.SubnetOwnerHotkey, hotkey, netuid);
  store.put(subnets.SubnetIdentitiesV3, identityOf(subnet), netuid);
  setReserves(store, netuid, { taoRao: subnet.taoReserveRao, alphaRao: subnet.alphaReserveRao });
  if (subnet.movingPriceRao > 0n)
    store.put(subnets.SubnetMovingPrice, { bits: (subnet.movingPriceRao << 32n) / TAO_RAO }, netuid);
  store.put(subnets.Yuma3On, true, netuid);
  store.put(subnets.CommitRevealWeightsEnabled, subnet.commitReveal, netuid);
  store.put(subnets.RevealPeriodEpochs, BigInt(subnet.revealPeriodEpochs), netuid);
  putSettings(store, subnet);
  associate(store, hotkey, coldkey);
  seat(store, netuid, 0, hotkey, 0);
  for (const [i, neuron] of subnet.neurons.entries()) seatNeuron(store, netuid, i + 1, neuron);
}

/** Its stake is alpha that nobody paid for, outside the pool. */
function seatNeuron(
  store: Store,
  netuid: number,
  uid: number,
  neuron: DevnetSubnet['neurons'][number],
): void {
  const [hotkey, coldkey] = [accountOf(neuron.hotkey), accountOf(neuron.coldkey)];
  associate(store, hotkey, coldkey);
  seat(store, netuid, uid, hotkey, 0);
  addStake(store, hotkey, coldkey, netuid, neuron.stakeAlpha);
  store.change(subnets.SubnetAlphaOut, (out) => out + neuron.stakeAlpha, netuid);
  store.change(subnets.ValidatorPermit, (permits) => permits.with(uid, neuron.validatorPermit), netuid);
}

function putSettings(store: Store, subnet: DevnetSubnet): void {
  const { netuid } = subnet;
  store.put(subnets.Tempo, subnet.tempo, netuid);
  store.put(subnets.WeightsSetRateLimit, BigInt(subnet.weightsSetRateLimit), netuid);
  store.put(subnets.ServingRateLimit, BigInt(subnet.servingRateLimit), netuid);
  store.put(subnets.ImmunityPeriod, subnet.immunityPeriod, netuid);
  store.put(subnets.MinNonImmuneUids, subnet.minNonImmuneUids, netuid);
  store.put(subnets.ActivityCutoff, subnet.activityCutoff, netuid);
  store.put(subnets.Burn, subnet.burnRao, netuid);
  store.put(subnets.MinBurn, subnet.minBurnRao, netuid);
  store.put(subnets.MaxBurn, subnet.maxBurnRao, netuid);
  store.put(subnets.AdjustmentInterval, subnet.adjustmentIntervalBlocks, netuid);
  store.put(subnets.MaxRegistrationsPerBlock, subnet.maxRegistrationsPerBlock, netuid);
  store.put(subnets.TargetRegistrationsPerInterval, subnet.targetRegistrationsPerInterval, netuid);
  store.put(subnets.MaxAllowedUids, subnet.maxUids, netuid);
  store.put(subnets.MaxAllowedValidators, subnet.maxValidators, netuid);
  store.put(subnets.MinAllowedWeights, subnet.minAllowedWeights, netuid);
}

function identityOf({ name, description }: DevnetSubnet) {
  const utf8 = new TextEncoder();
  const none = new Uint8Array();
  return {
    subnet_name: utf8.encode(name),
    github_repo: none,
    subnet_contact: none,
    subnet_url: none,
    discord: none,
    description: utf8.encode(description),
    logo_url: none,
    additional: none,
  };
}
