import type { BlockRef } from '../network/chain.ts';
import type { ConnectedChain } from '../network/client.ts';
import { BLOCKS_TIMED } from './limits.ts';

/**
 * How long a block takes, by what the last hundred state of themselves.
 * @returns null where the chain keeps no time, or has only begun
 */
export async function blockTimeOf(
  chain: Pick<ConnectedChain, 'blockHash' | 'blockTimeMs'>,
  { number, hash }: Pick<BlockRef, 'number' | 'hash'>,
  signal: AbortSignal,
): Promise<number | null> {
  const blocks = Math.min(BLOCKS_TIMED, number - 1);
  if (blocks < 1) return null;
  const earlier = await chain.blockHash(number - blocks, signal);
  const [from, to] = await Promise.all([earlier, hash].map((at) => chain.blockTimeMs(at, signal)));
  return from == null || to == null || to <= from ? null : (to - from) / blocks;
}

/** When a block was, as far as blocks take as long as they do now: in whole milliseconds; block `at` is that of `nowMs`. */
export const whenWas = (
  block: number,
  { at, nowMs, blockMs }: { readonly at: number; readonly nowMs: number; readonly blockMs: number },
): number => Math.round(nowMs - (at - block) * blockMs);
