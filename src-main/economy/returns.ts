import type { Neuron } from '../network/chain.ts';
import type { Dividends } from '../network/reads/market.ts';
import type { EpochReturnRow } from '../store/rows.ts';
import { storable } from '../store/subnet-store.ts';

/** Whose dividends are kept: who validates, and has something to earn them with. */
export const lendersIn = (neurons: readonly Neuron[]): Neuron['hotkey'][] =>
  neurons
    .filter(({ validatorPermit, stakeAlpha }) => validatorPermit && stakeAlpha > 0n)
    .map(({ hotkey }) => hotkey);

/** What an epoch paid to each, as it is kept. */
export function returnRows(
  at: Pick<EpochReturnRow, 'chain' | 'block' | 'atMs'>,
  neurons: readonly Neuron[],
  dividends: readonly Dividends[],
): readonly EpochReturnRow[] {
  const stakes = new Map(neurons.map(({ hotkey, stakeAlpha }) => [hotkey, stakeAlpha]));
  return dividends.flatMap(({ hotkey, dividends: paid, take }) => {
    const [kept, stake] = [storable(paid), storable(stakes.get(hotkey) ?? null)];
    return kept === null || stake === null ? [] : [{ ...at, hotkey, dividends: kept, stake, take }];
  });
}
