import type { SubnetView } from '../contract/page/subnet.ts';
import { type AlphaRao, alphaRao, RAO_PER_TAO, type Rao, rao } from '../units.ts';
import { alphaSplit, paidPerDay } from './distribution.ts';
import {
  alphaDistributionRatio,
  blockEmission,
  emissionsRatio,
  gamma,
  MAX_SUPPLY,
  shareOfEmission,
} from './emission.ts';
import { gini } from './gini.ts';
import { blocksPerDay } from './newcomers.ts';
import { EVEN_WEIGHT, priceDrop } from './pool-depth.ts';
import {
  alpha,
  count,
  type Figure,
  type FigureInput,
  price,
  type Quantity,
  ratio,
  share,
  tao,
} from './quantity.ts';
import { ratioOf, U16 } from './ratio.ts';
import { alphaByOwner } from './stake-moves.ts';
import { alphaSupply, fullyDiluted, marketCap } from './supply.ts';
import { spreadOf, topQuartile, zScore } from './z-score.ts';

const figure = (value: Quantity | null, inputs: Readonly<Record<string, Quantity | null>>): Figure => ({
  value,
  inputs: Object.entries(inputs).map(([name, input]): FigureInput => ({ name, value: input })),
});

/** `told` of all of them, or null where one is not known. */
function of<const A extends readonly unknown[], T>(
  values: A,
  told: (...known: { [K in keyof A]: NonNullable<A[K]> }) => T | null,
): T | null {
  return values.some((value) => value === null) ? null : told(...(values as never));
}

/**
 * Every figure of a subnet with its inputs, from what was read of it in one block.
 * @param taoPrice what one TAO costs in money; null where no source of that is set
 */
export function figuresOf(view: SubnetView, taoPrice: number | null) {
  return { ...worthOf(view, taoPrice), ...earnersOf(view), ...risksOf(view) };
}

export type Figures = ReturnType<typeof figuresOf>;
export type FigureId = keyof Figures;

/** What one alpha is worth, and what stands behind it. */
function worthOf({ market, blockMs, history, atMs }: SubnetView, taoPrice: number | null) {
  const { priceRao, alphaIn, alphaOut, alphaInEmission, alphaOutEmission, taoInEmission, issuedRao } = market;
  const perDay = blocksPerDay(blockMs);
  const issued = of([issuedRao], (all) => rao(blockEmission(all)));
  const gammaRao = of([alphaOutEmission, priceRao], gamma);
  const day = of([gammaRao], (block) => rao(block * BigInt(perDay)));
  const traded = volumeOf(history, market.volumeRao, atMs);
  return {
    price: figure(price(priceRao), {
      SubnetTAO: tao(market.taoIn),
      SubnetAlphaIn: alpha(alphaIn),
      'weight of TAO': share(market.taoPoolWeight ?? EVEN_WEIGHT),
    }),
    movingPrice: figure(price(market.movingPriceRao), { SubnetMovingPrice: price(market.movingPriceRao) }),
    marketCap: figure(tao(of([alphaOut, priceRao], marketCap)), {
      SubnetAlphaOut: alpha(alphaOut),
      price: price(priceRao),
    }),
    fullyDiluted: figure(tao(of([priceRao], fullyDiluted)), {
      'all there may be': alpha(alphaRao(MAX_SUPPLY)),
      price: price(priceRao),
    }),
    circulating: figure(alpha(alphaOut), { SubnetAlphaOut: alpha(alphaOut) }),
    supply: figure(alpha(of([alphaOut, alphaIn], alphaSupply)), {
      SubnetAlphaOut: alpha(alphaOut),
      SubnetAlphaIn: alpha(alphaIn),
    }),
    volume: figure(tao(traded?.rao), {
      'SubnetVolume now': tao(market.volumeRao),
      'SubnetVolume then': tao(traded?.thenRao),
    }),
    emissionShare: figure(share(of([taoInEmission, issued], shareOfEmission)), {
      SubnetTaoInEmission: tao(taoInEmission),
      'issued a block': tao(issued),
      TotalIssuance: tao(issuedRao),
    }),
    emissionADay: figure(tao(of([taoInEmission], (block) => rao(block * BigInt(perDay)))), {
      SubnetTaoInEmission: tao(taoInEmission),
      'blocks a day': count(perDay),
    }),
    gamma: figure(tao(gammaRao), {
      SubnetAlphaOutEmission: alpha(alphaOutEmission),
      price: price(priceRao),
    }),
    gammaADay: figure(tao(day), { gamma: tao(gammaRao), 'blocks a day': count(perDay) }),
    emissionsRatio: figure(ratio(of([gammaRao], (block) => emissionsRatio(block, taoPrice))), {
      gamma: tao(gammaRao),
      'price of one TAO': ratio(taoPrice),
    }),
    distributionRatio: figure(ratio(of([alphaOutEmission, alphaInEmission], alphaDistributionRatio)), {
      SubnetAlphaOutEmission: alpha(alphaOutEmission),
      SubnetAlphaInEmission: alpha(alphaInEmission),
    }),
  };
}

const DAY_MS = 86_400_000;

/** What was traded since the last point that is a day old, or since the first there is. */
export function volumeOf(
  history: SubnetView['history'],
  nowRao: Rao | null,
  atMs: number,
): { readonly rao: Rao; readonly thenRao: Rao; readonly sinceMs: number } | null {
  const told = history.flatMap(({ atMs: at, volumeRao }) =>
    volumeRao === null || at >= atMs ? [] : [{ at, volumeRao }],
  );
  const then = told.findLast(({ at }) => at <= atMs - DAY_MS) ?? told[0];
  if (nowRao === null || !then || nowRao < then.volumeRao) return null;
  return { rao: rao(nowRao - then.volumeRao), thenRao: then.volumeRao, sinceMs: then.at };
}

/** Who gets it, and how evenly. */
function earnersOf({ market, neurons, blockMs, pruneOrder, place }: SubnetView) {
  const { ownerCut, rootProportion, alphaOut, alphaOutEmission } = market;
  const perDay = blocksPerDay(blockMs);
  const split = ownerCut === null ? null : alphaSplit(ownerCut, rootProportion);
  const splitInputs = {
    SubnetOwnerCut: share(ownerCut === null ? null : ownerCut / U16),
    RootProp: share(rootProportion),
  };
  const earning = neurons.filter(({ incentive }) => incentive > 0);
  const incentives = earning.map(({ incentive }) => incentive);
  const spread = spreadOf(incentives);
  const spreadInputs = {
    n: count(incentives.length),
    mean: share(spread && spread.mean / U16),
    'standard deviation': share(spread && spread.deviation / U16),
  };
  const zOf = (incentive: number | null | undefined) =>
    ratio(spread && incentive != null ? zScore(incentive, spread) : null);
  const incentiveOf = (uid: number | null | undefined) =>
    neurons.find((one) => one.uid === uid)?.incentive ?? null;
  const line = incentiveOf(pruneOrder?.[0]);
  const top = topQuartile(incentives);
  const own = incentiveOf(place?.uid);
  const inShares = (incentive: number | null) => share(incentive === null ? null : incentive / U16);
  return {
    giniIncentive: figure(ratio(gini(incentives.map(BigInt))), {
      'miners with incentive': count(incentives.length),
    }),
    giniOwners: figure(ratio(gini(alphaByOwner(neurons))), {
      owners: count(new Set(neurons.map(({ coldkey }) => coldkey)).size),
      'alpha on hotkeys': alpha(sumOf(neurons.map(({ stakeAlpha }) => stakeAlpha))),
    }),
    paidPerDay: figure(
      share(of([alphaOutEmission, alphaOut], (out, circulating) => paidPerDay(out, perDay, circulating))),
      {
        SubnetAlphaOutEmission: alpha(alphaOutEmission),
        'blocks a day': count(perDay),
        SubnetAlphaOut: alpha(alphaOut),
      },
    ),
    minersShare: figure(share(split?.miners), splitInputs),
    validatorsShare: figure(share(split?.validators), splitInputs),
    rootShare: figure(share(split?.root), splitInputs),
    ownerCut: figure(share(split?.owner), { SubnetOwnerCut: splitInputs.SubnetOwnerCut }),
    rootProportion: figure(share(rootProportion), {
      RootProp: share(rootProportion),
      'TAO on root': tao(market.rootTaoRao),
      TaoWeight: share(market.taoWeight),
    }),
    minerBurned: figure(share(market.minerBurned), { MinerBurned: share(market.minerBurned) }),
    zPrune: figure(zOf(line), { ...spreadInputs, 'next to go': inShares(line) }),
    zTop: figure(zOf(top), { ...spreadInputs, 'best quarter from': inShares(top) }),
    zMine: figure(zOf(own), { ...spreadInputs, yours: inShares(own) }),
  };
}

const SOLD_SHARE = 20n;

/** What can go wrong with holding it, as far as the pool says. */
function risksOf({ market, others }: SubnetView) {
  const { alphaIn, alphaOut, taoPoolWeight, movingPriceRao, taoInEmission } = market;
  const sold = of([alphaOut, alphaIn], (out, into) => alphaRao(alphaSupply(out, into) / SOLD_SHARE));
  const below = of(
    [others, movingPriceRao],
    (all, own) => all.filter((one) => one.movingPriceRao < own).length,
  );
  const more = of([others, taoInEmission], (all, own) => all.filter((one) => one.taoInEmission > own).length);
  const sum = of([others, taoInEmission], (all, own) => sumOf([own, ...all.map((one) => one.taoInEmission)]));
  return {
    depth: figure(
      share(of([alphaIn, sold], (into, amount) => priceDrop(into, amount, taoPoolWeight ?? EVEN_WEIGHT))),
      {
        SubnetAlphaIn: alpha(alphaIn),
        'a twentieth of all': alpha(sold),
        'weight of TAO': share(taoPoolWeight ?? EVEN_WEIGHT),
      },
    ),
    cheaperSubnets: figure(count(below), {
      'subnets beside it': count(others?.length),
      SubnetMovingPrice: price(movingPriceRao),
    }),
    emissionRank: figure(count(more === null ? null : more + 1), {
      'subnets beside it': count(others?.length),
      SubnetTaoInEmission: tao(taoInEmission),
    }),
    largestShare: figure(
      share(
        of([others, sum, taoInEmission], (all, whole, own) =>
          ratioOf(
            all.reduce<bigint>((most, one) => (one.taoInEmission > most ? one.taoInEmission : most), own),
            whole,
          ),
        ),
      ),
      { 'of all subnets': tao(of([sum], (whole) => rao(whole))) },
    ),
  };
}

const sumOf = (amounts: readonly bigint[]): AlphaRao => alphaRao(amounts.reduce((sum, one) => sum + one, 0n));

/** alpha times price, cut. @returns null where there is no price */
export const worthIn = (amount: bigint, priceRao: Rao | null): Rao | null =>
  priceRao === null ? null : rao((amount * priceRao) / RAO_PER_TAO);
