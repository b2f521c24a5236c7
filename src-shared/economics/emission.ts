import { type AlphaRao, RAO_PER_TAO, type Rao, rao } from '../units.ts';
import { ratioOf } from './ratio.ts';

/** The most TAO, and the most alpha of a subnet, that there will ever be. */
export const MAX_SUPPLY = 21_000_000n * RAO_PER_TAO;

/**
 * What a chain of so much TAO issues in a block: 1 TAO, halved each time that half of what was left is issued
 * (Subtensor's `block_emission`: 1 / 2^floor(log2(1 / (1 - issued / 21 M)))). Alpha follows the same curve.
 */
export function blockEmission(issued: bigint): bigint {
  let left = MAX_SUPPLY - issued;
  if (left <= 0n) return 0n;
  let emission = RAO_PER_TAO;
  for (; left * 2n <= MAX_SUPPLY && emission > 0n; left *= 2n) emission /= 2n;
  return emission;
}

/** gamma: what the subnet pays its participants in a block, priced in rao of TAO. */
export const gamma = (alphaOutEmission: AlphaRao, priceRao: Rao): Rao =>
  rao((alphaOutEmission * priceRao) / RAO_PER_TAO);

/** The subnet's share of the TAO that the chain issues in a block. @returns null where the chain issues none */
export const shareOfEmission = (taoInEmission: Rao, blockEmissionRao: Rao): number | null =>
  ratioOf(taoInEmission, blockEmissionRao);

/** The glossary's ratio: alpha paid to participants for each alpha that goes into the pool. */
export const alphaDistributionRatio = (out: AlphaRao, into: AlphaRao): number | null => ratioOf(out, into);

/** gamma against the price of one TAO in money. @returns null without a source of such prices */
export const emissionsRatio = (gammaRao: Rao, taoPrice: number | null): number | null =>
  taoPrice === null || taoPrice <= 0 ? null : Number(gammaRao) / Number(RAO_PER_TAO) / taoPrice;
