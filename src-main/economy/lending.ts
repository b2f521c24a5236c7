import type { LendingRow } from '../../src-shared/contract/page/subnet.ts';
import { validatorReturn } from '../../src-shared/economics/returns.ts';
import { roleOf } from '../../src-shared/economics/roles.ts';
import type { Neuron } from '../network/chain.ts';
import type { EpochReturnRow } from '../store/rows.ts';

/**
 * What those returned who validate or were paid for it, over the epochs that were seen, the best first.
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
    .flatMap((neuron) => {
      const { uid, hotkey } = neuron;
      const all = seen.get(hotkey) ?? [];
      const isLentTo = roleOf(neuron) === 'validator' || all.some(({ dividends }) => dividends > 0n);
      const epochs = isLentTo ? all : [];
      const found = validatorReturn(epochs, tempo, blocksPerDay);
      const [first, last] = [epochs[0], epochs.at(-1)];
      return found && first && last ? [{ uid, hotkey, ...found, take: last.take, sinceMs: first.atMs }] : [];
    })
    .toSorted((a, b) => b.apr - a.apr || a.uid - b.uid);
}
