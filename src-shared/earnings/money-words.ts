import { RAO_PER_TAO } from '../units.ts';

/**
 * What a TAO is worth in a currency of states. Where a rate comes from is not said here: one that a person typed is
 * the first source, and one that asks somebody is another of these.
 */
export interface FiatSource {
  /** "EUR" */
  readonly currency: string;
  /** Where it comes from, for whoever reads the amounts. */
  readonly origin: 'typed';
  /** Hundredths of the currency for one TAO at that moment; null where it is not known. */
  centsAt(atMs: number): number | null;
}

/** One rate for all times, as a person typed it; 0 is none. */
export const typedRate = (currency: string, rate: number): FiatSource | null =>
  rate > 0 ? { currency, origin: 'typed', centsAt: () => Math.round(rate * 100) } : null;

/** Hundredths of the currency, cut toward zero; null where the rate is not known. */
export function fiatCents(taoRao: bigint | null, atMs: number, source: FiatSource | null): bigint | null {
  const cents = source?.centsAt(atMs) ?? null;
  return taoRao === null || cents === null ? null : (taoRao * BigInt(cents)) / RAO_PER_TAO;
}

export interface Electricity {
  readonly watts: number;
  /** Of the currency, for a kilowatt hour. */
  readonly tariff: number;
}

/** Hundredths of the currency for running so long; null where watts or tariff are not known. */
export function powerCents(ms: number, { watts, tariff }: Electricity): bigint | null {
  if (watts <= 0 || tariff <= 0) return null;
  return BigInt(Math.round((watts / 1_000) * (ms / 3_600_000) * tariff * 100));
}

/** "-1234.05": hundredths with a dot, whatever the language. */
export function centsText(cents: bigint): string {
  const [sign, size] = cents < 0n ? ['-', -cents] : ['', cents];
  return `${sign}${size / 100n}.${(size % 100n).toString().padStart(2, '0')}`;
}
