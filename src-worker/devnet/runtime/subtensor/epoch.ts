import { divide } from '../../economy/emission.ts';
import { type EpochOutcome, type LiquidAlpha, runEpoch } from '../../economy/yuma.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { type Blended, blend, type Weighed } from './blend.ts';
import { described } from './described.ts';
import { payValidators } from './dividends.ts';
import { activityCutoff } from './epoch-clock.ts';
import { oldestHashCommit } from './hash-commits.ts';
import { stakeWeight } from './inheritance.ts';
import { mechanismIndexes, splitByMechanism } from './mechanisms.ts';
import { addStake } from './stake.ts';
import { type Row, subnets } from './storage.ts';
import { oldestCommits } from './timelocked.ts';

const ONE = 65_535;

/** Weighs what validators said, writes it down, and pays out what has gathered since the last epoch. */
export function stepEpoch(context: Context, netuid: number): void {
  const { store, block } = context;
  const count = store.get(subnets.SubnetworkN, netuid);
  const hotkeys = Array.from({ length: count }, (_, uid) => store.get(subnets.Keys, netuid, uid));
  const mechanisms = mechanismIndexes(store, netuid).map(
    (index): Weighed => ({ index, outcome: weigh(context, netuid, index, hotkeys) }),
  );
  const blended = blend(store, netuid, mechanisms);
  record(store, netuid, mechanisms, blended);
  payOwner(store, netuid);
  const miners = payMiners(context, netuid, hotkeys, mechanisms);
  const validators = payValidators(store, netuid, hotkeys, blended.earned);
  store.put(
    subnets.Emission,
    miners.map((alpha, uid) => alpha + (validators[uid] ?? 0n)),
    netuid,
  );
  store.put(subnets.LastMechansimStepBlock, BigInt(block), netuid);
  store.put(subnets.BlocksSinceLastStep, 0n, netuid);
}

function weigh(context: Context, netuid: number, index: number, hotkeys: readonly string[]): EpochOutcome {
  const { store, block, release } = context;
  const count = hotkeys.length;
  const owner = hotkeys.indexOf(store.get(subnets.SubnetOwnerHotkey, netuid));
  const threshold = store.get(subnets.StakeThreshold);
  const none = new Array<number>(count).fill(0);
  const permits = store.get(subnets.ValidatorPermit, netuid);
  // Votes of others do not count, and others have no bonds.
  const matrix = (row: (uid: number) => Row, unit: number) =>
    permits.map((may, uid) => (may ? dense(row(uid), none, unit) : none));
  return runEpoch({
    block,
    lastEpochBlock: Number(store.get(subnets.LastMechansimStepBlock, netuid)),
    stake: hotkeys.map((hotkey, uid) => {
      const weight = stakeWeight(store, hotkey, netuid);
      return weight < threshold && uid !== owner ? 0 : Number(weight);
    }),
    lastUpdate: store.get(subnets.LastUpdate, index).map(Number),
    committedAt: committedBy(context, netuid, index, hotkeys),
    registeredAt: hotkeys.map((_hotkey, uid) => Number(store.get(subnets.BlockAtRegistration, netuid, uid))),
    permits,
    ownerUid: owner < 0 ? null : owner,
    weights: matrix((uid) => store.get(subnets.Weights, index, uid), 1),
    bonds: matrix((uid) => store.get(subnets.Bonds, index, uid), ONE),
    maxValidators: store.get(subnets.MaxAllowedValidators, netuid),
    activityCutoff: activityCutoff(store, release, netuid),
    kappa: store.get(subnets.Kappa, netuid) / ONE,
    bondsPenalty: store.get(subnets.BondsPenalty, netuid) / ONE,
    bondsAlpha: 1 - Number(store.get(subnets.BondsMovingAverage, netuid)) / 1e6,
    yuma: store.get(subnets.Yuma3On, netuid) ? 3 : 2,
    liquidAlpha: liquidAlphaOf(store, netuid),
  });
}

function liquidAlphaOf(store: Store, netuid: number): LiquidAlpha | null {
  if (!store.get(described.LiquidAlphaOn, netuid)) return null;
  const [low, high] = store.get(described.AlphaValues, netuid);
  return {
    low: low / ONE,
    high: high / ONE,
    steepness: store.get(described.AlphaSigmoidSteepness, netuid) / 100,
  };
}

/** Block of each neuron's oldest commit that is still closed; null where votes are said openly or none waits. */
function committedBy(
  context: Context,
  netuid: number,
  index: number,
  hotkeys: readonly string[],
): (number | null)[] {
  if (!context.store.get(subnets.CommitRevealWeightsEnabled, netuid)) return hotkeys.map(() => null);
  const locked = oldestCommits(context, netuid, index);
  return hotkeys.map((hotkey) => {
    const both = [locked.get(hotkey), oldestHashCommit(context, netuid, index, hotkey)];
    const known = both.filter((at) => at !== undefined && at !== null);
    return known.length > 0 ? Math.min(...known) : null;
  });
}

function record(store: Store, netuid: number, mechanisms: readonly Weighed[], blended: Blended): void {
  const before = store.get(subnets.ValidatorPermit, netuid);
  store.put(subnets.Active, blended.active, netuid);
  store.put(subnets.ValidatorPermit, blended.permits, netuid);
  store.put(subnets.Consensus, blended.consensus.map(proportion), netuid);
  store.put(subnets.ValidatorTrust, blended.validatorTrust.map(proportion), netuid);
  store.put(subnets.Dividends, blended.dividends.map(proportion), netuid);
  for (const { index, outcome } of mechanisms) {
    store.put(subnets.Incentive, outcome.incentive.map(proportion), index);
    for (const [uid, row] of outcome.bonds.entries()) {
      const kept = sparse(row);
      if (kept.length > 0) store.put(subnets.Bonds, kept, index, uid);
      else if (before[uid]) store.remove(subnets.Bonds, index, uid);
    }
  }
}

function payOwner(store: Store, netuid: number): void {
  const hotkey = store.get(subnets.SubnetOwnerHotkey, netuid);
  addStake(
    store,
    hotkey,
    store.get(subnets.SubnetOwner, netuid),
    netuid,
    store.get(subnets.PendingOwnerCut, netuid),
  );
  store.put(subnets.PendingOwnerCut, 0n, netuid);
}

/**
 * By incentive, each mechanism its part, to the coldkey that owns the miner. What the subnet owner's own miners would
 * get is nobody's: recycled it may be emitted once more, burnt it may not.
 */
function payMiners(
  context: Context,
  netuid: number,
  hotkeys: readonly string[],
  mechanisms: readonly Weighed[],
): bigint[] {
  const { store, emit } = context;
  const pot = store.get(subnets.PendingServerEmission, netuid);
  const pots = splitByMechanism(store, netuid, pot);
  const shared = mechanisms.map(({ outcome }, i) => divide(pots[i] ?? 0n, outcome.incentive));
  const parts = hotkeys.map((_hotkey, uid) =>
    shared.reduce((sum, { parts: each }) => sum + (each[uid] ?? 0n), 0n),
  );
  const isPaid = parts.some((alpha) => alpha > 0n);
  const owner = store.get(subnets.SubnetOwner, netuid);
  for (const [uid, alpha] of parts.entries()) {
    if (alpha === 0n) continue;
    const hotkey = hotkeys[uid] ?? '';
    const coldkey = store.get(subnets.Owner, hotkey);
    if (coldkey === owner) giveBack(store, netuid, alpha);
    else payMiner(context, netuid, hotkey, coldkey, alpha);
  }
  // A mechanism in which nobody earned keeps its part for the next epoch.
  const rest = shared.reduce((sum, each) => sum + each.rest, 0n);
  store.put(subnets.PendingServerEmission, isPaid ? rest : 0n, netuid);
  // Nobody earned anything: validators get the miners' part too, below.
  if (!isPaid) store.change(subnets.PendingValidatorEmission, (alpha) => alpha + pot, netuid);
  for (const [i, { index }] of mechanisms.entries())
    emit('SubtensorModule', 'IncentiveAlphaEmittedToMiners', {
      netuid: index,
      emissions: shared[i]?.parts ?? [],
    });
  return parts;
}

function giveBack(store: Store, netuid: number, alpha: bigint): void {
  if (store.get(described.RecycleOrBurn, netuid).type === 'Recycle')
    store.change(subnets.SubnetAlphaOut, (out) => out - alpha, netuid);
}

/** Behind the miner itself, or where its owner wants its pay staked. */
function payMiner(
  { store, emit }: Context,
  netuid: number,
  hotkey: string,
  owner: string,
  incentive: bigint,
): void {
  const destination = store.get(subnets.AutoStakeDestination, owner, netuid);
  addStake(store, destination ?? hotkey, owner, netuid, incentive);
  if (destination !== null)
    emit('SubtensorModule', 'AutoStakeAdded', { netuid, destination, hotkey, owner, incentive });
}

const proportion = (share: number): number => Math.min(ONE, Math.max(0, Math.round(share * ONE)));

function dense(row: Row, none: readonly number[], unit: number): readonly number[] {
  if (row.length === 0) return none;
  const values = [...none];
  for (const [uid, value] of row) if (uid < none.length) values[uid] = value / unit;
  return values;
}

function sparse(row: readonly number[]): Row {
  const kept: [uid: number, value: number][] = [];
  for (const [uid, share] of row.entries()) {
    const value = share === 0 ? 0 : proportion(share);
    if (value > 0) kept.push([uid, value]);
  }
  return kept;
}
