import { parseTao } from '../../src-shared/amount.ts';
import { type Rao, typedTao } from '../../src-shared/units.ts';

/** Why a text is no amount. Each has a sentence of its own; nothing is rounded and nothing guessed. */
export type AmountFault =
  | 'empty'
  | 'blank'
  | 'comma'
  | 'sign'
  | 'exponent'
  | 'digits'
  | 'point'
  | 'places'
  | 'large'
  | 'letters'
  | 'zero';

export type TypedAmount = { readonly amount: Rao } | { readonly fault: AmountFault };

/** Reads an amount by one rule whatever the language: digits, at most one point, at most nine places behind it. */
export function readAmount(text: string): TypedAmount {
  const amount = parseTao(text);
  if (amount === null) return { fault: faultOf(text) };
  return amount === 0n ? { fault: 'zero' } : { amount };
}

/** Looked for in this order: what one would fix first comes first. */
const faults: readonly (readonly [AmountFault, RegExp])[] = [
  ['empty', /^$/],
  ['blank', /[\s\u200b-\u200f\u2060\ufeff]/],
  ['digits', /[^\P{Nd}0-9]/u],
  ['comma', /[,\u066b\u066c\uff0c]/],
  ['sign', /^[+\-\u2212]/],
  ['exponent', /^[\d.]+e[+-]?\d*$/i],
  ['letters', /[^\d.]/],
  ['point', /^\.|\.$|\..*\.|^$/],
  ['places', /\.\d{10,}$/],
];

const faultOf = (text: string): AmountFault =>
  faults.find(([, pattern]) => pattern.test(text))?.[0] ?? 'large';

export const amountOf = (typed: TypedAmount): Rao | null => ('amount' in typed ? typed.amount : null);

/** The text of an amount, which `readAmount` reads as that very amount. */
export const amountText = (amount: bigint): string => typedTao(amount as Rao);
