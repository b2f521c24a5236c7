import type { Holdings, StakeView } from '../../src-shared/contract/page/money.ts';
import { type Rao, rao } from '../../src-shared/units.ts';

/**
 * What the pools' depth takes when everything is sold at once, in hundredths of a per cent of its worth at the prices
 * of now: the stakes' spot value less what selling brings, over the whole.
 * @returns null where a stake has no price or no quote
 */
export function depthBps({ freeRao, stakes }: Holdings): number | null {
  let spot = 0n;
  let exit = 0n;
  for (const { spotRao, exitRao } of stakes) {
    if (spotRao === null || exitRao === null) return null;
    spot += spotRao;
    exit += exitRao;
  }
  const all = spot + freeRao;
  return all === 0n ? 0 : Number(((spot - exit) * 10_000n) / all);
}

/** Free and every stake that has a quote: what is known to be there where the whole is not. */
export const knownWorth = ({ freeRao, stakes }: Holdings): Rao =>
  rao(stakes.reduce((sum, { exitRao }) => sum + (exitRao ?? 0n), freeRao as bigint));

export const withoutQuote = (stakes: readonly StakeView[]): number =>
  stakes.filter(({ exitRao }) => exitRao === null).length;
