import type {
  OtherSubnet,
  RegistrationPrice,
  SubnetIdentity,
  SubnetMarket,
  SubnetRules,
} from '../../src-shared/contract/page/subnet.ts';
import type { Rao } from '../../src-shared/units.ts';
import type { SubnetSnapshot } from '../network/chain.ts';
import type { ConnectedChain } from '../network/client.ts';
import { type ExpectedSubnet, ROOT } from '../network/expected-subnet.ts';
import { identityFault } from '../network/identity.ts';
import type { About } from '../network/reads/about.ts';
import type { DynamicInfo } from '../network/reads/dynamic-info.ts';
import type { Hyperparameters } from '../network/reads/hyperparameters.ts';
import type { Market } from '../network/reads/market.ts';
import { type Registration, registrationsFullUntil } from '../network/reads/registration.ts';
import type { SubnetPointRow } from '../store/rows.ts';

/** Parts of the view, each from what was read for it. Pure. */
export function identityOf({
  chain,
  subject: { expected },
  snapshot: { subnet },
  market,
  about,
  ownerSeenSince,
}: {
  readonly chain: Pick<ConnectedChain, 'netuid' | 'endpoint'>;
  readonly subject: { readonly expected: ExpectedSubnet | null };
  readonly snapshot: Pick<SubnetSnapshot, 'subnet'>;
  readonly market: Pick<Market, 'ownerHotkey' | 'registeredAt'>;
  readonly about: About | null;
  readonly ownerSeenSince: number | null;
}): SubnetIdentity {
  return {
    name: subnet.name,
    ownerColdkey: subnet.ownerColdkey,
    ownerHotkey: market.ownerHotkey,
    expectedName: expected?.name ?? null,
    expectedOwner: expected?.ownerColdkey ?? null,
    foreign: identityFault(chain.netuid, subnet, expected, chain.endpoint),
    ownerSeenSince,
    launchedAt: market.registeredAt,
    emissionSince: subnet.firstEmissionBlock,
    links: about?.links ?? [],
    contact: about?.contact ?? null,
    description: about?.description ?? null,
  };
}

export const rulesOf = (
  {
    tempo,
    immunityPeriod,
    maxValidators,
    minAllowedWeights,
    weightsRateLimit,
    activityCutoff,
    servingRateLimit,
    commitReveal,
    revealPeriodEpochs,
    liquidAlpha,
    yumaVersion,
    transfersEnabled,
    kappa,
    bondsMovingAverage,
  }: Hyperparameters,
  maxUids: number | null,
): SubnetRules => ({
  tempo,
  immunityPeriod,
  maxUids,
  maxValidators,
  minAllowedWeights,
  weightsRateLimit,
  activityCutoff,
  servingRateLimit,
  commitReveal,
  revealPeriodEpochs,
  liquidAlpha,
  yumaVersion,
  transfersEnabled,
  kappa,
  bondsMovingAverage: Number(bondsMovingAverage),
});

export const marketOf = (
  { ownerHotkey: _, registeredAt: __, maxUids: ___, epochBlock: ____, ...market }: Market,
  priceRao: Rao | null,
  sale: SubnetMarket['sale'],
): SubnetMarket => ({ ...market, priceRao, sale });

/** @param week points of the last week */
export function registrationOf(
  found: Registration,
  block: number,
  week: readonly SubnetPointRow[],
): RegistrationPrice {
  const priced = week.flatMap(({ burnRao, atMs }) => (burnRao === null ? [] : [{ burnRao, atMs }]));
  const lowest = priced.reduce<Rao | null>(
    (least, { burnRao }) => (least === null || burnRao < least ? burnRao : least),
    null,
  );
  return {
    priceRao: found.burnRao,
    minRao: found.minBurnRao,
    maxRao: found.maxBurnRao,
    isAllowed: found.isAllowed,
    halfLifeBlocks: found.halfLifeBlocks,
    fullUntil: registrationsFullUntil(found, block),
    lowestRao: lowest,
    lowestSinceMs: priced[0]?.atMs ?? null,
  };
}

/** By what they draw, the most first. */
export const othersOf = (all: readonly DynamicInfo[], netuid: number): readonly OtherSubnet[] =>
  all
    .filter((one) => one.netuid !== netuid && one.netuid !== ROOT)
    .toSorted((a, b) =>
      a.taoInEmission === b.taoInEmission ? a.netuid - b.netuid : a.taoInEmission > b.taoInEmission ? -1 : 1,
    )
    .map(({ netuid: other, name, taoInEmission, movingPriceRao }) => ({
      netuid: other,
      name,
      taoInEmission,
      movingPriceRao,
    }));
