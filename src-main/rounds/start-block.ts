import { withLimit } from '../../src-node/waits.ts';
import { type Clock, startBlock } from '../../src-shared/rounds/clock.ts';
import type { Chain } from '../network/chain.ts';
import { CHAIN_READ_LIMIT_MS } from './limits.ts';

/**
 * The block from which rounds count. Where the profile names none it is the first one in which the subnet emits, and
 * the chain is asked until its owner has started that.
 * @returns null when it is not known yet, or the chain did not answer: to be asked again at the next block
 */
export async function readStartBlock(
  chain: Pick<Chain, 'subnet'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const { firstEmissionBlock } = await chain.subnet(null, withLimit(signal, CHAIN_READ_LIMIT_MS));
    return startBlock(clock, firstEmissionBlock);
  } catch {
    return null;
  }
}
