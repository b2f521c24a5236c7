import type { Hex } from '../../src-shared/units.ts';
import type { BlockRef, SubnetSnapshot } from './chain.ts';
import { SNAPSHOTS_KEPT } from './limits.ts';

/**
 * Reads a subnet's settings, neurons and price once for each finalized block, for everybody on it. While a read is
 * under way newer blocks wait; of those that came meanwhile only the newest is read.
 */
export interface SubnetWatcher {
  readonly latest: SubnetSnapshot | null;
  /** The snapshot of that block, from memory or by reading it once for all who ask. */
  at(block: BlockRef): Promise<SubnetSnapshot>;
  /** What is kept of a block with this hash; nothing is read. */
  kept(hash: Hex): Promise<SubnetSnapshot> | null;
  onFinalized(block: BlockRef): void;
}

export function watchSubnet(
  read: (block: BlockRef) => Promise<SubnetSnapshot>,
  told: (snapshot: SubnetSnapshot) => void,
): SubnetWatcher {
  const reads = new Map<Hex, Promise<SubnetSnapshot>>();
  let latest: SubnetSnapshot | null = null;
  let waiting: BlockRef | null = null;
  let reading = false;

  function at(block: BlockRef): Promise<SubnetSnapshot> {
    const known = reads.get(block.hash);
    if (known) return known;
    const asked = read(block);
    reads.set(block.hash, asked);
    for (const old of [...reads.keys()].slice(0, -SNAPSHOTS_KEPT)) reads.delete(old);
    // A failed read is asked again by the next who wants it.
    asked.catch(() => reads.get(block.hash) === asked && reads.delete(block.hash));
    return asked;
  }

  async function readOn(): Promise<void> {
    reading = true;
    for (let block = waiting; block; block = waiting) {
      waiting = null;
      const snapshot = await at(block).catch(() => null);
      if (!snapshot || (latest && snapshot.block.number <= latest.block.number)) continue;
      latest = snapshot;
      told(snapshot);
    }
    reading = false;
  }

  return {
    get latest() {
      return latest;
    },
    at,
    kept: (hash) => reads.get(hash) ?? null,
    onFinalized(block) {
      waiting = block;
      if (!reading) void readOn();
    },
  };
}
