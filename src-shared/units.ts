/**
 * Amounts and identities that must not be mixed. The brands exist at compile time only; at run time a `Rao` is a
 * bigint and an `Ss58` a string.
 */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** TAO in its smallest unit, 1 TAO = 1e9 rao. */
export type Rao = Branded<bigint, 'rao'>;
/** A subnet's alpha in its smallest unit, 1 alpha = 1e9. Never add it to `Rao`. */
export type AlphaRao = Branded<bigint, 'alphaRao'>;
/** An account address, SS58 with prefix 42. */
export type Ss58 = Branded<string, 'ss58'>;
/** Lower-case hex without 0x: digests, ids, tags. */
export type Hex = Branded<string, 'hex'>;

export const RAO_PER_TAO = 1_000_000_000n;

export const rao = (value: bigint): Rao => value as Rao;
export const alphaRao = (value: bigint): AlphaRao => value as AlphaRao;
export const ss58 = (value: string): Ss58 => value as Ss58;

const HEX = /^(?:[0-9a-f]{2})*$/;

/** @throws {TypeError} when the text is not lower-case hex of whole bytes. */
export function hex(value: string): Hex {
  if (!HEX.test(value)) throw new TypeError('not lower-case hex');
  return value as Hex;
}

/**
 * Rao as a decimal number of TAO (or alpha) with a fixed number of places, cut rather than rounded up: a balance
 * must never look larger than it is. An amount too small to show reads "<0.0001", never "0".
 */
export function formatAmount(value: bigint, places = 4): string {
  const sign = value < 0n ? '-' : '';
  const magnitude = value < 0n ? -value : value;
  const step = 10n ** BigInt(9 - places);
  if (magnitude !== 0n && magnitude < step)
    return `${sign}<${places === 0 ? '1' : `0.${'0'.repeat(places - 1)}1`}`;
  const whole = (magnitude / RAO_PER_TAO).toString().replace(/\B(?=(?:\d{3})+$)/g, ',');
  if (places === 0) return sign + whole;
  const fraction = ((magnitude % RAO_PER_TAO) / step).toString().padStart(places, '0');
  return `${sign}${whole}.${fraction}`;
}

/** An amount to the last rao as a person would type it: "1000.5". */
export const typedTao = (amount: Rao): string =>
  formatAmount(amount, 9)
    .replaceAll(',', '')
    .replace(/\.?0+$/, '');

/** An amount to the last rao with its unit: "1.5 TAO". */
export const taoText = (amount: Rao): string => `${formatAmount(amount, 9).replace(/\.?0+$/, '')} TAO`;
