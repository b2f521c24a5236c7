import type { EarningsView } from '../../src-shared/contract/page/wallet.ts';

export interface EpochBar {
  /** Which slot on the time axis, 0 is the oldest shown. */
  readonly slot: number;
  /** Height against the largest shown, 0 to 1. */
  readonly share: number;
  readonly block: number;
  readonly alpha: bigint;
}

/**
 * The last epochs as bars. Slots follow the blocks, so an epoch that is missing leaves its slot empty: a gap is a
 * gap, never a zero and never closed up.
 */
export function epochBars(epochs: EarningsView['epochs'], slots: number): readonly EpochBar[] {
  const sorted = [...epochs].sort((a, b) => a.block - b.block);
  const newest = sorted.at(-1);
  if (!newest) return [];
  const tempo = shortestStep(sorted.map(({ block }) => block));
  const placed = sorted
    .map((epoch) => ({ epoch, slot: slots - 1 - Math.round((newest.block - epoch.block) / tempo) }))
    .filter(({ slot }) => slot >= 0);
  const largest = placed.reduce((most, { epoch }) => (epoch.alpha > most ? epoch.alpha : most), 0n);
  return placed.map(({ epoch, slot }) => ({
    slot,
    share: largest === 0n ? 0 : Number((epoch.alpha * 1000n) / largest) / 1000,
    block: epoch.block,
    alpha: epoch.alpha,
  }));
}

function shortestStep(blocks: readonly number[]): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 1; i < blocks.length; i++) {
    const step = (blocks[i] ?? 0) - (blocks[i - 1] ?? 0);
    if (step > 0) shortest = Math.min(shortest, step);
  }
  return Number.isFinite(shortest) ? shortest : 1;
}
