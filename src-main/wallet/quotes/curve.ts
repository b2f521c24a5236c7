import { RAO_PER_TAO } from '../../../src-shared/units.ts';
import { ceilDiv } from './ground.ts';

/** A purchase as the chain simulates it: what went into the pool, fee taken off, and what came out. */
export interface Bought {
  readonly netRao: bigint;
  readonly alpha: bigint;
  /** Of one alpha before it. */
  readonly priceRao: bigint;
}

/**
 * What selling it at once would bring. Without fees the pool goes back to where it was and gives back all that it got;
 * the fee's part of the alpha is what is not sold, and it is the last and cheapest part of the way.
 * @param feeAlpha what the pool takes of so much alpha
 */
export function soldAfterwards({ netRao, priceRao }: Bought, feeAlpha: bigint): bigint {
  const unsold = ceilDiv(feeAlpha * priceRao, RAO_PER_TAO);
  return netRao > unsold ? netRao - unsold : 0n;
}

/**
 * The least that an order under a limit brings in a pool as deep as this one: others have bought first, and the order
 * ends exactly at the limit. With reserves of T rao and A alpha whose product is k, a pool at price L has T = sqrt(L k),
 * so that from n less it gives n k / ((T - n) T). T and A are those for which a pool of that price gives this purchase.
 */
export function leastBought({ netRao: n, alpha, priceRao }: Bought, limitPriceRao: bigint): bigint {
  // Whatever pool it is, no alpha costs more than the limit.
  const floor = (n * RAO_PER_TAO) / limitPriceRao;
  const reserve = alphaReserve(n, alpha, priceRao);
  if (reserve === null) return floor;
  const k = (reserve * reserve * priceRao) / RAO_PER_TAO;
  const atLimit = root((k * limitPriceRao) / RAO_PER_TAO) + 1n;
  if (atLimit <= n) return floor;
  const least = (n * k) / ((atLimit - n) * atLimit);
  const capped = least < alpha ? least : alpha;
  return capped > floor ? capped : floor;
}

/** A sale as the chain simulates it: what went into the pool, fee taken off, and what came out. */
export interface Sold {
  readonly netAlpha: bigint;
  readonly taoRao: bigint;
  /** Of one alpha before it. */
  readonly priceRao: bigint;
}

/**
 * The same of a sale: others have sold first, and the order ends exactly at the limit. A pool at price L has
 * A = sqrt(k / L), so that from n less it gives n k / ((A - n) A).
 */
export function leastSold({ netAlpha: n, taoRao, priceRao }: Sold, limitPriceRao: bigint): bigint {
  // Whatever pool it is, every alpha brings the limit.
  const floor = (n * limitPriceRao) / RAO_PER_TAO;
  // A pool whose price n alpha press so much that they bring t has A = n t / (n price - t).
  const impact = (n * priceRao) / RAO_PER_TAO - (taoRao + 1n);
  if (impact <= 0n) return floor;
  const reserve = (ceilDiv(n * (taoRao + 1n), impact) * (100n + DEEPER_PERCENT)) / 100n;
  const k = (reserve * reserve * priceRao) / RAO_PER_TAO;
  const atLimit = root((k * RAO_PER_TAO) / limitPriceRao) + 1n;
  if (atLimit <= n) return floor;
  const least = (n * k) / ((atLimit - n) * atLimit);
  const capped = least < taoRao ? least : taoRao;
  return capped > floor ? capped : floor;
}

/**
 * A pool whose price n rao for `alpha` lift by so little has A = n alpha / (n - alpha price). A deeper one gives less at
 * worst, so it is told too deep rather than too shallow. null: so deep that rounding hides how deep.
 */
function alphaReserve(n: bigint, alpha: bigint, priceRao: bigint): bigint | null {
  const impact = n - ceilDiv((alpha + 1n) * (priceRao + 1n), RAO_PER_TAO);
  return impact > 0n ? (ceilDiv(n * (alpha + 1n), impact) * (100n + DEEPER_PERCENT)) / 100n : null;
}

/** What emissions and fees put into a pool until a block takes the order is far less. */
const DEEPER_PERCENT = 1n;

/** The whole part of a square root, by Newton's way. */
function root(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) / 2n;
    if (next >= guess) return guess;
    guess = next;
  }
}
