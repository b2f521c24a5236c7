import { withLimit } from '../../src-node/waits.ts';
import type { SubnetSnapshot } from '../network/chain.ts';
import { storable } from '../store/subnet-store.ts';
import { backfillDay, type Reached } from './backfill-day.ts';
import { blockTimeOf, whenWas } from './block-time.ts';
import { BACKFILL_EPOCHS, BACKFILL_FIRST, BACKFILL_LOT, BACKFILL_MOST, POINT_LIMIT_MS } from './limits.ts';
import type { RecorderOptions } from './recorded.ts';

/**
 * Asks the chain what an alpha cost at each epoch since the last point that is kept, as far back as its node still has
 * the state, and of the last day what validators returned and how stake moved. What it has not stays a gap.
 * @param lastKept the block of that point; null where there is none
 */
export async function backfill(
  options: RecorderOptions,
  snapshot: SubnetSnapshot,
  lastKept: number | null,
  signal: AbortSignal,
): Promise<void> {
  const { chain, store, add, nowMs } = options;
  const { block, subnet } = snapshot;
  const step = Math.max(1, subnet.tempo);
  const oldest = lastKept === null ? (subnet.firstEmissionBlock ?? 1) : lastKept + step;
  const blockMs = await blockTimeOf(chain, block, withLimit(signal, POINT_LIMIT_MS));
  if (blockMs === null) return;
  const wanted: number[] = [];
  for (let at = block.number - step; at >= oldest && wanted.length < BACKFILL_MOST; at -= step)
    wanted.push(at);
  const timeOf = (at: number) => whenWas(at, { at: block.number, nowMs: nowMs(), blockMs });
  const reached: Reached[] = [];
  for (let from = 0, lot = BACKFILL_FIRST; from < wanted.length; from += lot, lot = BACKFILL_LOT) {
    const asked = wanted.slice(from, from + lot);
    const found = await chain.economy.prices(asked, withLimit(signal, POINT_LIMIT_MS));
    const priced = found.filter(({ priceRao }) => priceRao !== null);
    for (const { block: at, priceRao } of priced) {
      reached.push({ block: at, atMs: timeOf(at) });
      add('subnetPoint', {
        ...{ chain: store.chain, block: at, atMs: timeOf(at) },
        ...{ priceRao: storable(priceRao), taoIn: null, taoInEmission: null, burnRao: null },
        ...{ volumeRao: null, miners: null, validators: null },
      });
    }
    // Older state is gone before newer is.
    if (priced.length < found.length) break;
  }
  const sinceMs = nowMs() - DAY_MS;
  const ofDay = reached.filter(({ atMs }) => atMs >= sinceMs).slice(0, BACKFILL_EPOCHS);
  await backfillDay(options, snapshot, ofDay, signal);
}

const DAY_MS = 86_400_000;
