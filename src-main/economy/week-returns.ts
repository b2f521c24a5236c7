import type { WeekReturn } from '../../src-shared/contract/page/validators.ts';
import { epochsGrowth, shareGrowth } from '../../src-shared/economics/growth.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Network } from '../network/client.ts';
import { ROOT } from '../network/expected-subnet.ts';
import type { EpochReturnRow } from '../store/rows.ts';
import type { SubnetStore } from '../store/subnet-store.ts';
import { WEEK_MS } from './limits.ts';

export interface ReturnsAsked {
  readonly network: Pick<Network, 'shareWorths'>;
  readonly store: Pick<SubnetStore, 'returns'>;
  readonly netuid: number;
  readonly hotkeys: readonly Ss58[];
  readonly block: number;
  readonly tempo: number;
  readonly blockMs: number;
  readonly nowMs: number;
  /** What the chain tells of the last epoch. */
  readonly newest: readonly EpochReturnRow[];
}

/**
 * What one alpha on each of these grew by in a week: by the chain at two blocks where its node still has the older one,
 * else by the epochs that this computer saw, the last one among
 * them: that is in the state of any node. A hotkey whose growth nobody here knows says so.
 */
export async function weekReturns(
  { network, store, netuid, hotkeys, block, tempo, blockMs, nowMs, newest }: ReturnsAsked,
  signal: AbortSignal,
): Promise<(hotkey: Ss58) => WeekReturn> {
  // Root pays in the alpha of other subnets, which is claimed and not added to the stake.
  if (netuid === ROOT) return () => ({ kind: 'unknown', why: 'root' });
  const weekAgo = Math.max(1, block - Math.round(WEEK_MS / blockMs));
  const [then, now, kept] = await Promise.all([
    network.shareWorths(netuid, hotkeys, weekAgo, signal),
    network.shareWorths(netuid, hotkeys, block, signal),
    store.returns(nowMs - WEEK_MS),
  ]);
  const keyOf = (one: EpochReturnRow) => `${one.block}/${one.hotkey}`;
  const known = new Set(kept.map(keyOf));
  // By their blocks: the last epoch may be of long ago, and rows of before were dated when they were seen.
  const all = [...kept, ...newest.filter((one) => !known.has(keyOf(one)))].filter(
    (one) => one.block > weekAgo,
  );
  const seen = Map.groupBy(all, ({ hotkey }) => hotkey);
  return (hotkey) => {
    const growth = shareGrowth(then?.get(hotkey), now?.get(hotkey));
    return growth === null
      ? bySeen(seen.get(hotkey) ?? [], tempo * blockMs)
      : { kind: 'known', growth, spanMs: (block - weekAgo) * blockMs };
  };
}

function bySeen(epochs: readonly EpochReturnRow[], epochMs: number): WeekReturn {
  const growth = epochsGrowth(epochs);
  return growth === null
    ? { kind: 'unknown', why: 'not-kept' }
    : { kind: 'known', growth, spanMs: epochs.length * epochMs };
}
