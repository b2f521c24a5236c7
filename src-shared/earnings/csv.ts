import type { LedgerPart } from '../contract/page/earnings.ts';
import { RAO_PER_TAO } from '../units.ts';

/** A file made of the parts of a ledger, one after the other. */
export interface Book {
  /** Lines that can be written at once; the first part's begin with the names of the columns. */
  add(part: LedgerPart): string;
  /** What had to wait for the last part. */
  end(): string;
}

/** Nine places and a dot, whatever the language. */
export function decimalText(rao: bigint): string {
  const [sign, size] = rao < 0n ? ['-', -rao] : ['', rao];
  return `${sign}${size / RAO_PER_TAO}.${(size % RAO_PER_TAO).toString().padStart(9, '0')}`;
}

/** As chains and explorers write it. */
export const hashText = (hash: string | null): string => (hash === null ? '' : `0x${hash}`);
