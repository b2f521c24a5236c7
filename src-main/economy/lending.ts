import type { LendingRow } from '../../src-shared/contract/page/subnet.ts';
import { validatorReturn } from '../../src-shared/economics/returns.ts';
import type { Neuron } from '../network/chain.ts';
import type { EpochReturnRow } from '../store/rows.ts';

/**
 * What validators that have a permit now returned over the epochs that were seen, the best first.
 * @param returns the oldest first
 */
export function lendingOf(
  neurons: readonly Neuron[],
  returns: readonly EpochReturnRow[],
  tempo: number,
  blocksPerDay: number,
): readonly LendingRow[] {
  const seen = Map.groupBy(returns, ({ hotkey }) => hotkey);
  return neurons
    .flatMap(({ uid, hotkey, validatorPermit }) => {
      const epochs = validatorPermit ? (seen.get(hotkey) ?? []) : [];
      const found = validatorReturn(epochs, tempo, blocksPerDay);
      const [first, last] = [epochs[0], epochs.at(-1)];
      return found && first && last ? [{ uid, hotkey, ...found, take: last.take, sinceMs: first.atMs }] : [];
    })
    .toSorted((a, b) => b.apr - a.apr || a.uid - b.uid);
}
