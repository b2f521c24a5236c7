import type { AlphaRao, Rao } from '../units.ts';

/** A value with what it counts, so that nobody adds shares to amounts. */
export type Quantity =
  | { readonly kind: 'tao'; readonly rao: Rao }
  /** Rao of TAO for one alpha. */
  | { readonly kind: 'price'; readonly rao: Rao }
  | { readonly kind: 'alpha'; readonly alpha: AlphaRao }
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'ratio'; readonly ratio: number }
  | { readonly kind: 'count'; readonly count: number };

/** A figure with what it was computed from; null is not known. */
export interface Figure {
  readonly value: Quantity | null;
  /** By the chain's own names where they are the chain's. */
  readonly inputs: readonly FigureInput[];
}

export interface FigureInput {
  readonly name: string;
  readonly value: Quantity | null;
}

/** What is not known stays so. */
const known =
  <T, Q extends Quantity>(told: (value: T) => Q) =>
  (value: T | null | undefined): Q | null =>
    value == null ? null : told(value);

export const tao = known((rao: Rao) => ({ kind: 'tao', rao }) as const);
export const price = known((rao: Rao) => ({ kind: 'price', rao }) as const);
export const alpha = known((amount: AlphaRao) => ({ kind: 'alpha', alpha: amount }) as const);
export const share = known((value: number) => ({ kind: 'share', share: value }) as const);
export const ratio = known((value: number) => ({ kind: 'ratio', ratio: value }) as const);
export const count = known((value: number) => ({ kind: 'count', count: value }) as const);
