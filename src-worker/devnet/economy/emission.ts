import { PRICE_SCALE, priceOf, type Reserves } from './pool.ts';

/** Supply that both curves approach: 21 million, in rao. */
const MAX_SUPPLY = 21_000_000_000_000_000n;
/** Rao of a block before the first halving. */
export const FULL_EMISSION = 1_000_000_000n;
/** 11796/65535 = 18 %, the owner's part of alpha. */
export const OWNER_CUT = 11_796n;
export const U16_MAX = 65_535n;

/**
 * New TAO (or alpha) of one block, in rao: 1e9 halved once for every half of the remaining supply,
 * 1e9 / 2^floor(log2(1 / (1 - issuance / 21e15))). One below 10.5 million issued, then 0.5, then 0.25.
 */
export function blockEmission(issuance: bigint): bigint {
  if (issuance >= MAX_SUPPLY) return 0n;
  let halvings = 0n;
  // floor(log2(max / left)) >= n exactly when left * 2^n <= max; no logarithm, so no rounding.
  while ((MAX_SUPPLY - issuance) << (halvings + 1n) <= MAX_SUPPLY) halvings++;
  return FULL_EMISSION >> halvings;
}

export interface AlphaSplit {
  readonly owner: bigint;
  readonly miners: bigint;
  readonly validators: bigint;
}

/** 18 / 41 / 41; an odd rao goes to the validators. */
export function splitAlpha(alphaOut: bigint): AlphaSplit {
  const owner = (alphaOut * OWNER_CUT) / U16_MAX;
  const miners = (alphaOut - owner) / 2n;
  return { owner, miners, validators: alphaOut - owner - miners };
}

export interface PoolInjection {
  readonly taoRao: bigint;
  readonly alphaRao: bigint;
  /** What is left of the subnet's share: it buys alpha from the pool, which is then recycled. */
  readonly excessRao: bigint;
}

/**
 * What a block adds to a pool, at the pool's own price so that the price stands still: at most `alphaCap`, the lesser
 * of one block's alpha and one block's TAO, with TAO to match. The rest of the share is minted all the same.
 */
export function injection(pool: Reserves, taoShareRao: bigint, alphaCap: bigint): PoolInjection {
  const price = priceOf(pool);
  if (price === 0n) return { taoRao: 0n, alphaRao: 0n, excessRao: 0n };
  const alphaWanted = (taoShareRao * PRICE_SCALE) / price;
  if (alphaWanted <= alphaCap) return { taoRao: taoShareRao, alphaRao: alphaWanted, excessRao: 0n };
  const taoRao = (alphaCap * price) / PRICE_SCALE;
  return { taoRao, alphaRao: alphaCap, excessRao: taoShareRao - taoRao };
}

/** Parts of a pot by fractions that sum to at most 1; what rounding leaves is returned as rest. */
export function divide(
  pot: bigint,
  fractions: readonly number[],
): { readonly parts: bigint[]; readonly rest: bigint } {
  const total = fractions.reduce((sum, fraction) => sum + fraction, 0);
  if (total <= 0) return { parts: fractions.map(() => 0n), rest: pot };
  const scaled = fractions.map((fraction) => BigInt(Math.floor((fraction / total) * 2 ** 40)));
  // Rounding may lift the scaled sum a hair above one; dividing by the larger never pays out more than the pot.
  const sum = scaled.reduce((a, b) => a + b, 0n);
  const whole = sum > 1n << 40n ? sum : 1n << 40n;
  const parts = scaled.map((part) => (pot * part) / whole);
  return { parts, rest: parts.reduce((left, part) => left - part, pot) };
}

/** Moving price of a subnet: EMA of min(price, 1) with a rate that grows from 0 over the blocks since its start. */
export function movingPrice(previous: number, price: number, blocksSinceStart: number): number {
  const alpha = (MOVING_ALPHA * blocksSinceStart) / (blocksSinceStart + MOVING_HALVING_BLOCKS);
  return alpha * Math.min(price, 1) + (1 - alpha) * previous;
}

const MOVING_ALPHA = 3e-6;
const MOVING_HALVING_BLOCKS = 201_600;
