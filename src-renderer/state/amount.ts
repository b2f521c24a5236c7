import { RAO_PER_TAO, type Rao, rao } from '../../src-shared/units.ts';

/** "1", "0.05", "1 000.5": an amount of TAO as people type it, exact; null where it is none, or finer than a rao. */
export function parseTao(text: string): Rao | null {
  const match = /^(\d{1,9})(?:[.,](\d{0,9}))?$/.exec(text.replace(/[\s']/g, ''));
  if (!match) return null;
  const [, whole = '0', fraction = ''] = match;
  return rao(BigInt(whole) * RAO_PER_TAO + BigInt(fraction.padEnd(9, '0')));
}
