import { RAO_PER_TAO, type Rao, rao } from '../units.ts';

/** alpha * price / 1e9, cut: a worth is never shown larger than it is. */
export const worthOf = (alpha: bigint, priceRao: Rao | null): Rao | null =>
  priceRao === null ? null : rao((alpha * priceRao) / RAO_PER_TAO);
