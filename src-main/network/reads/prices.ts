import type { Rao } from '../../../src-shared/units.ts';
import { hashIfThere } from '../follow.ts';
import { PRICES_MAX } from '../limits.ts';
import type { Session } from '../session.ts';
import { readAlphaPrice } from './accounts.ts';
import { ifKept } from './kept-state.ts';

export interface PricePoint {
  readonly block: number;
  /** Rao for one alpha; null where the node keeps no state of that block any more, or the runtime had no price. */
  readonly priceRao: Rao | null;
}

/**
 * What an alpha cost at each of these blocks, in two frames. A node that is no archive answers for its last few hundred
 * blocks alone.
 * @throws {RangeError} for more than PRICES_MAX blocks: a caller of ours asked for them
 */
export async function readPrices(
  session: Session,
  netuid: number,
  blocks: readonly number[],
  signal: AbortSignal,
): Promise<readonly PricePoint[]> {
  if (blocks.length > PRICES_MAX) throw new RangeError(`${blocks.length} prices at once`);
  const hashes = await Promise.all(blocks.map((block) => hashIfThere(session, block, signal)));
  return Promise.all(
    blocks.map(async (block, i) => {
      const hash = hashes[i] ?? null;
      const priceRao = hash && (await ifKept(readAlphaPrice(session, netuid, hash, signal)));
      return { block, priceRao };
    }),
  );
}
