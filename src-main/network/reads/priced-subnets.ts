import type { Hex, Rao } from '../../../src-shared/units.ts';
import { ROOT } from '../expected-subnet.ts';
import type { Session } from '../session.ts';
import { readAllDynamicInfo } from './dynamic-info.ts';
import { readAllPrices } from './portfolio.ts';

/** A subnet by what it calls itself, and what its alpha costs now. */
export interface PricedSubnet {
  readonly netuid: number;
  readonly name: string;
  /** Rao for one alpha; null where the runtime does not say. */
  readonly priceRao: Rao | null;
}

/** @throws {AppError} CHAIN_CALL_UNAVAILABLE */
export async function readPricedSubnets(
  session: Session,
  at: Hex,
  signal: AbortSignal,
): Promise<readonly PricedSubnet[]> {
  const [all, prices] = await Promise.all([
    readAllDynamicInfo(session, at, signal),
    readAllPrices(session, at, signal),
  ]);
  return all
    .filter(({ netuid }) => netuid !== ROOT)
    .map(({ netuid, name }) => ({ netuid, name, priceRao: prices.get(netuid) ?? null }))
    .toSorted((a, b) => a.netuid - b.netuid);
}
