import type { AlphaRao } from '../units.ts';
import { ratioOf } from './ratio.ts';

/** Both sides of the pool weigh the same where the runtime does not say otherwise. */
export const EVEN_WEIGHT = 0.5;

/**
 * By which share the price falls when so much alpha is sold into the pool: 1 - (x / (x + dx))^(1 / w), with the pool's
 * alpha x and the weight w of its TAO. The fee is left out, and nobody else trades meanwhile.
 * @returns null for a pool without alpha
 */
export function priceDrop(inPool: AlphaRao, sold: AlphaRao, taoWeight: number = EVEN_WEIGHT): number | null {
  const left = inPool === 0n ? null : ratioOf(inPool, inPool + sold);
  return left === null ? null : 1 - left ** (1 / taoWeight);
}
