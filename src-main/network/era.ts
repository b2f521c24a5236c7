import { MORTAL_PERIOD_BLOCKS } from './limits.ts';

/**
 * Mortality: a transaction born at block b with period p can be included in blocks b+1 .. b+p-1. The chain knows
 * powers of two from 4 on; the phase (b mod p) is exact up to 4096.
 */
export interface Era {
  readonly period: number;
  readonly birth: number;
  /** Last block that can include it. */
  readonly last: number;
}

/**
 * The era that lives longest without outliving `lastBlock`.
 * @param anchor newest block that will not be reorganised away: births are at or below it
 * @param lastBlock null: a whole period from the anchor
 * @returns null when no era ends in time and still holds a block after `head`
 */
export function chooseEra(anchor: number, head: number, lastBlock: number | null): Era | null {
  let best: Era | null = null;
  for (let period = 4; period <= MORTAL_PERIOD_BLOCKS; period *= 2) {
    const birth = lastBlock === null ? anchor : Math.min(anchor, lastBlock - period + 1);
    if (birth < 0) continue;
    const last = birth + period - 1;
    if (last > head && (best === null || last > best.last)) best = { period, birth, last };
  }
  return best;
}

/** The two bytes that stand for an era in a transaction. */
export function encodeEra({ period, birth }: Era): Uint8Array {
  const exponent = Math.log2(period);
  const value = (exponent - 1) | ((birth % period) << 4);
  return Uint8Array.of(value & 255, value >> 8);
}
