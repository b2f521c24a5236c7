import { cutoffBlocks, cutoffFactor, epochIndex, isEpochBlock, phaseOf } from '../../economy/clock.ts';
import { item, type StorageItem } from '../item.ts';
import type { Context } from '../pallet.ts';
import type { Release } from '../release.ts';
import type { Store } from '../store.ts';
import { subnets } from './storage.ts';

const perNet = <V>(value: string, fallback: V): StorageItem<[number], V> =>
  item([['u16', 'Identity']], value, fallback);

/** What releases have whose epochs go by what the state says of the last one. */
export const clockStorage = {
  LastEpochBlock: perNet('u64', 0n),
  /** A block that an epoch is put off to; 0 where none is. */
  PendingEpochAt: perNet('u64', 0n),
  SubnetEpochIndex: perNet('u64', 0n),
  ActivityCutoffFactorMilli: perNet('u32', 13_889),
  MaxEpochsPerBlock: item<[], number>([], 'u8', 2),
};

/** Read and written by a block number alone before: gone where the factor stands in its place. */
export const goneWithClock = { ActivityCutoff: subnets.ActivityCutoff };

/** A subnet that had no epoch for longer gets one, whatever its tempo says. */
const OVERDUE_BLOCKS = 50_400n;

/** What the rules of a block look at. */
export type Clocked = Pick<Context, 'store' | 'block' | 'release'>;

/**
 * Counts a block for every subnet, and takes the step of those whose epoch is due in it. Where more are due than a
 * block may hold, the others are put off to the next.
 */
export function turnClocks(
  context: Context,
  netuids: readonly number[],
  step: (netuid: number) => void,
): void {
  const { store, release } = context;
  const most = release.dynamicTempo ? store.get(clockStorage.MaxEpochsPerBlock) : netuids.length;
  let taken = 0;
  for (const netuid of netuids) {
    store.change(subnets.BlocksSinceLastStep, (blocks) => blocks + 1n, netuid);
    if (!isDue(context, netuid)) continue;
    if (taken < most) {
      taken++;
      step(netuid);
      if (release.dynamicTempo) wind(context, netuid);
    } else putOff(context, netuid);
  }
}

function isDue({ store, block, release }: Clocked, netuid: number): boolean {
  const tempo = store.get(subnets.Tempo, netuid);
  if (!release.dynamicTempo) return isEpochBlock(block, netuid, tempo);
  if (tempo === 0) return false;
  const pending = store.get(clockStorage.PendingEpochAt, netuid);
  if (pending > 0n && BigInt(block) >= pending) return true;
  if (store.get(subnets.BlocksSinceLastStep, netuid) > OVERDUE_BLOCKS) return true;
  return BigInt(block) - store.get(clockStorage.LastEpochBlock, netuid) >= BigInt(tempo);
}

function wind({ store, block }: Context, netuid: number): void {
  store.put(clockStorage.LastEpochBlock, BigInt(block), netuid);
  store.put(clockStorage.PendingEpochAt, 0n, netuid);
  store.change(clockStorage.SubnetEpochIndex, (index) => index + 1n, netuid);
}

function putOff({ store, block, emit }: Context, netuid: number): void {
  const [from_block, to_block] = [BigInt(block), BigInt(block + 1)];
  store.put(clockStorage.PendingEpochAt, to_block, netuid);
  emit('SubtensorModule', 'EpochDeferred', { netuid, from_block, to_block });
}

/** Index of the epoch that a block stands in: what commits wait by. */
export const epochIndexAt = ({ store, block, release }: Clocked, netuid: number): bigint =>
  release.dynamicTempo
    ? store.get(clockStorage.SubnetEpochIndex, netuid)
    : BigInt(epochIndex(block, netuid, store.get(subnets.Tempo, netuid)));

/** The block in which the next epoch is due as the clock stands; null for a subnet that has none. */
export function nextEpochAt(store: Store, netuid: number): bigint | null {
  const tempo = BigInt(store.get(subnets.Tempo, netuid));
  if (tempo === 0n) return null;
  const byTempo = store.get(clockStorage.LastEpochBlock, netuid) + tempo;
  const pending = store.get(clockStorage.PendingEpochAt, netuid);
  return pending > 0n && pending < byTempo ? pending : byTempo;
}

/** Blocks from this one to the next epoch as the clock stands; null for a subnet that has none. */
export function blocksToEpoch({ store, block, release }: Clocked, netuid: number): number | null {
  const tempo = store.get(subnets.Tempo, netuid);
  if (tempo === 0) return null;
  if (!release.dynamicTempo) return tempo - phaseOf(block, netuid, tempo);
  return Math.max(0, Number(nextEpochAt(store, netuid)) - block);
}

/** Blocks after its last word for which a validator counts as active. */
export const activityCutoff = (store: Store, release: Release, netuid: number): number =>
  release.dynamicTempo
    ? cutoffBlocks(
        store.get(clockStorage.ActivityCutoffFactorMilli, netuid),
        store.get(subnets.Tempo, netuid),
      )
    : store.get(subnets.ActivityCutoff, netuid);

/** The clock of a subnet that is new: each netuid in a phase of its own. */
export function startClock({ store, block, release }: Clocked, netuid: number): void {
  if (!release.dynamicTempo) return;
  const stagger = netuid % Math.max(1, store.get(subnets.Tempo, netuid));
  store.put(clockStorage.LastEpochBlock, BigInt(Math.max(0, block - stagger)), netuid);
}

/**
 * From epochs by block number to epochs by the state: the next one comes in the block in which it would have come, the
 * index of epochs goes on, so that commits find theirs, and the cutoff is as many blocks as before, in tempos.
 * Formulas: Subtensor's migration `dynamic_tempo_v1`, which looks from the block before.
 */
export function seedClock({ store, block }: Clocked, netuid: number): void {
  const tempo = store.get(subnets.Tempo, netuid);
  if (tempo > 0) {
    const before = block - 1;
    const lastEpoch = Math.max(0, before - phaseOf(before, netuid, tempo));
    store.put(clockStorage.LastEpochBlock, BigInt(lastEpoch), netuid);
    store.put(clockStorage.SubnetEpochIndex, BigInt(epochIndex(before, netuid, tempo)), netuid);
    const cutoff = store.get(goneWithClock.ActivityCutoff, netuid);
    store.put(clockStorage.ActivityCutoffFactorMilli, cutoffFactor(cutoff, tempo), netuid);
  }
  store.remove(goneWithClock.ActivityCutoff, netuid);
}
