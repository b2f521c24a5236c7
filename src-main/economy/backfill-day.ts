import { withLimit } from '../../src-node/waits.ts';
import { largeMoves } from '../../src-shared/economics/stake-moves.ts';
import type { Neuron, SubnetSnapshot } from '../network/chain.ts';
import { storable } from '../store/subnet-store.ts';
import { POINT_LIMIT_MS } from './limits.ts';
import type { RecorderOptions } from './recorded.ts';
import { lendersIn, returnRows } from './returns.ts';

/** A block of before whose state the node still has. */
export interface Reached {
  readonly block: number;
  readonly atMs: number;
}

/** A step of blocks is one epoch; its first one, and the owner's cut, pay more than places are said to have earned. */
const EPOCHS_BETWEEN = 2;

/**
 * What validators returned and how stake moved before anybody watched, from one epoch to the one before it.
 * @param reached the newest first
 */
export async function backfillDay(
  { chain, store, add }: RecorderOptions,
  { neurons: newest, block: { number } }: SubnetSnapshot,
  reached: readonly Reached[],
  signal: AbortSignal,
): Promise<void> {
  let after: { readonly neurons: readonly Neuron[]; readonly block: number } = {
    neurons: newest,
    block: number,
  };
  let atMs = reached[0]?.atMs ?? 0;
  for (const past of reached) {
    const limit = withLimit(signal, POINT_LIMIT_MS);
    const hash = await chain.blockHash(past.block, limit);
    const [neurons, market] = await Promise.all([
      chain.metagraph(hash, limit),
      chain.economy.market(hash, limit),
    ]);
    const { epochBlock, alphaOut } = market;
    if (epochBlock !== null) {
      const dividends = await chain.economy.dividends(lendersIn(neurons), hash, limit);
      const at = { chain: store.chain, block: epochBlock, atMs: past.atMs };
      for (const row of returnRows(at, neurons, dividends)) add('epochReturn', row);
    }
    // What came after the older of the two stands at the younger one.
    const moves = alphaOut === null ? [] : largeMoves(neurons, after.neurons, alphaOut, EPOCHS_BETWEEN);
    for (const move of moves) {
      const alpha = storable(move.alpha);
      if (alpha !== null) add('stakeMove', { ...move, alpha, chain: store.chain, block: after.block, atMs });
    }
    after = { neurons, block: past.block };
    atMs = past.atMs;
  }
}
