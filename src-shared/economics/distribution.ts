import type { AlphaRao } from '../units.ts';
import { ratioOf, U16 } from './ratio.ts';

/** Shares of the alpha that is paid out; they add up to 1. */
export interface AlphaSplit {
  readonly owner: number;
  readonly miners: number;
  /** Validators and those who lend to them, what root takes of it left out. */
  readonly validators: number;
  /** Of the validators' half; null where the chain does not say how much. */
  readonly root: number | null;
}

/**
 * Who gets the alpha of an epoch: the owner's cut first, of the rest miners and validators a half each; of the
 * validators' half the root proportion goes to root.
 * @param ownerCut of 65,535
 */
export function alphaSplit(ownerCut: number, rootProportion: number | null): AlphaSplit {
  const owner = ownerCut / U16;
  const half = (1 - owner) / 2;
  const root = rootProportion === null ? null : half * rootProportion;
  return { owner, miners: half, validators: half - (root ?? 0), root };
}

/** The share of all circulating alpha that a day pays out on top of it. */
export const paidPerDay = (
  alphaOutEmission: AlphaRao,
  blocksPerDay: number,
  circulating: AlphaRao,
): number | null => ratioOf(alphaOutEmission * BigInt(blocksPerDay), circulating);

/**
 * Root's part of the subnet's dividends, as the chain reckons it: R w / (R w + A).
 * @param rootTao TAO on root
 * @param taoWeight the weight of a root TAO against an alpha, in 2^64ths
 * @param supply all alpha of the subnet
 */
export function rootProportion(rootTao: bigint, taoWeight: bigint, supply: bigint): number | null {
  const weighted = (rootTao * taoWeight) >> 64n;
  return ratioOf(weighted, weighted + supply);
}
