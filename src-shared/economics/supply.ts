import { type AlphaRao, alphaRao, RAO_PER_TAO, type Rao, rao } from '../units.ts';
import { MAX_SUPPLY } from './emission.ts';

/** All alpha there is: what circulates and what lies in the pool. */
export const alphaSupply = (circulating: AlphaRao, inPool: AlphaRao): AlphaRao =>
  alphaRao(circulating + inPool);

/** What so much alpha is worth at that price, cut. Nobody could sell all of it for that. */
export const marketCap = (circulating: AlphaRao, priceRao: Rao): Rao =>
  rao((circulating * priceRao) / RAO_PER_TAO);

/** The same for the 21 million that there may be one day. */
export const fullyDiluted = (priceRao: Rao): Rao => marketCap(alphaRao(MAX_SUPPLY), priceRao);
