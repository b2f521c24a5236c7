import type { PruningRules } from '../../src-shared/chain/pruning.ts';
import type { AlphaRao, Hex, Rao, Ss58 } from '../../src-shared/units.ts';
import type { Link } from './link.ts';
import { type About, readAbout } from './reads/about.ts';
import { type DynamicInfo, readAllDynamicInfo } from './reads/dynamic-info.ts';
import { type Hyperparameters, readHyperparameters } from './reads/hyperparameters.ts';
import { type Dividends, type Market, readDividends, readMarket, readSale } from './reads/market.ts';
import { type PricePoint, readPrices } from './reads/prices.ts';
import { readPruningRules } from './reads/pruning.ts';
import { type Registration, readRegistration } from './reads/registration.ts';
import { readWeightRows, type WeightRowRead } from './reads/weight-rows.ts';

/**
 * What is read of a subnet's economy while somebody looks at it, each in the state of one block. Nothing of it is needed
 * to take part.
 */
export interface EconomyReads {
  market(at: Hex, signal: AbortSignal): Promise<Market>;
  /** null: no quote. */
  sale(alpha: AlphaRao, at: Hex, signal: AbortSignal): Promise<Rao | null>;
  dividends(hotkeys: readonly Ss58[], at: Hex, signal: AbortSignal): Promise<readonly Dividends[]>;
  about(at: Hex, signal: AbortSignal): Promise<About>;
  /** @throws {AppError} CHAIN_CALL_UNAVAILABLE, here and in the next two */
  rules(at: Hex, signal: AbortSignal): Promise<Hyperparameters | null>;
  pruning(at: Hex, signal: AbortSignal): Promise<PruningRules>;
  allSubnets(at: Hex, signal: AbortSignal): Promise<readonly DynamicInfo[]>;
  registration(at: Hex, signal: AbortSignal): Promise<Registration>;
  prices(blocks: readonly number[], signal: AbortSignal): Promise<readonly PricePoint[]>;
  /** Weights as these uids set them, by uid. @throws {AppError} CHAIN_CALL_UNAVAILABLE */
  weightRows(
    uids: readonly number[],
    at: Hex,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, WeightRowRead>>;
}

export const economyReads = (link: Pick<Link, 'read'>, netuid: number): EconomyReads => ({
  market: (at, signal) => link.read((session) => readMarket(session, netuid, at, signal), signal),
  sale: (alpha, at, signal) => link.read((session) => readSale(session, netuid, alpha, at, signal), signal),
  dividends: (hotkeys, at, signal) =>
    link.read((session) => readDividends(session, netuid, hotkeys, at, signal), signal),
  about: (at, signal) => link.read((session) => readAbout(session, netuid, at, signal), signal),
  rules: (at, signal) => link.read((session) => readHyperparameters(session, netuid, at, signal), signal),
  pruning: (at, signal) => link.read((session) => readPruningRules(session, netuid, at, signal), signal),
  allSubnets: (at, signal) => link.read((session) => readAllDynamicInfo(session, at, signal), signal),
  registration: (at, signal) => link.read((session) => readRegistration(session, netuid, at, signal), signal),
  prices: (blocks, signal) => link.read((session) => readPrices(session, netuid, blocks, signal), signal),
  weightRows: (uids, at, signal) =>
    link.read((session) => readWeightRows(session, netuid, uids, at, signal), signal),
});
