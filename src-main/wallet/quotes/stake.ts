import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { KEPT_FOR_FEES_RAO, stakeableRao } from '../../../src-shared/contract/page/order.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { alphaRao, RAO_PER_TAO, type Rao, rao, type Ss58, typedTao } from '../../../src-shared/units.ts';
import { ROOT } from '../../network/expected-subnet.ts';
import { type Bought, leastBought, soldAfterwards } from './curve.ts';
import {
  above,
  amountTooLow,
  apartBps,
  ceilDiv,
  impactWarnings,
  nominationWarning,
  type QuoteGround,
  refused,
  rootPrice,
  spendable,
  tooPoor,
  UNUSUAL_IMPACT_BPS,
  type Weighed,
} from './ground.ts';
import { hotkeyFault } from './places.ts';

type Stake = Extract<Intent, { kind: 'stake' }>;

/**
 * TAO for alpha on a hotkey, never above a price: where the order itself brings it, and the tolerance beyond that.
 * At worst others buy first, and the order itself then brings the price to the limit: `leastAlpha` is what that leaves.
 */
export async function weighStake(
  ground: QuoteGround,
  { netuid, hotkey, amountRao: wanted, toleranceBps }: Stake,
  signal: AbortSignal,
): Promise<Weighed> {
  const amountRao = wanted === 'all' ? stakeableRao(ground.balance, ground.depositRao) : wanted;
  const amountText = typedTao(amountRao);
  if (amountRao === 0n)
    return refused(tooPoor(ground, KEPT_FOR_FEES_RAO + ground.minimums.leastRao), amountText);
  // Nobody can pay it: the chain is not asked what it would bring.
  if (amountRao > spendable(ground)) return refused(tooPoor(ground, amountRao), amountText);
  const fault = await hotkeyFault(ground, netuid, hotkey, signal);
  if (fault.problem) return refused(fault.problem, amountText);
  const order = await prices(ground, netuid, amountRao, signal);
  if (!order) return refused({ code: 'NO_QUOTE', params: { netuid } }, amountText);
  const { priceRao, alpha, feeRao, priceAfterRao } = order;
  const isRoot = netuid === ROOT;
  const paidRao = rao(ceilDiv((amountRao - feeRao) * RAO_PER_TAO, alpha));
  const impactBps = isRoot ? 0 : apartBps(priceRao, paidRao);
  const limitPriceRao = isRoot
    ? rootPrice
    : above(priceAfterRao > priceRao ? priceAfterRao : priceRao, toleranceBps);
  const paid = { netRao: amountRao - feeRao, alpha, priceRao };
  const isSmall = await smallNomination(ground, { netuid, hotkey, owner: fault.owner }, paid, signal);
  const soldBackRao = isRoot ? amountRao : await soldBack(ground, netuid, paid, signal);
  return {
    terms: {
      kind: 'stake',
      payRao: amountRao,
      receiveAlpha: alphaRao(alpha),
      leastAlpha: alphaRao(isRoot ? amountRao : leastBought(paid, limitPriceRao)),
      ...{ priceRao, paidPriceRao: paidRao, impactBps, limitPriceRao },
      ...{ swapFeeRao: feeRao, soldBackRao },
    },
    call: { kind: 'addStakeLimit', hotkey, amountRao, limitPriceRao, allowPartial: false },
    spendsRao: amountRao,
    isPaidOut: false,
    undone: 'by-selling',
    warnings: [...fault.warnings, ...impactWarnings(impactBps, toleranceBps), ...isSmall],
    isUnusual: impactBps > UNUSUAL_IMPACT_BPS,
    problem: tooLow(ground, amountRao, feeRao),
    ...{ amountText, lifeBlocks: null },
  };
}

/** What would lie there then may be too little for this chain to leave on somebody else's hotkey. */
async function smallNomination(
  ground: QuoteGround,
  { netuid, hotkey, owner }: Pick<Stake, 'netuid' | 'hotkey'> & { readonly owner: Ss58 | null },
  { netRao, priceRao }: Bought,
  signal: AbortSignal,
): Promise<readonly CodedError[]> {
  if (netRao >= ground.minimums.nominationRao) return [];
  const held = await ground.chain.stake(netuid, hotkey, ground.coldkey, ground.at.hash, signal);
  const leftRao = netRao + (held * priceRao) / RAO_PER_TAO;
  return nominationWarning(ground, 'NOMINATION_SMALL', { leftRao, owner });
}

/** What selling all of it at once would bring: the chain simulates sales on the pool before the purchase only. */
async function soldBack(
  { chain, at }: QuoteGround,
  netuid: number,
  paid: Bought,
  signal: AbortSignal,
): Promise<Rao | null> {
  const sale = await chain.sell(netuid, alphaRao(paid.alpha), at.hash, signal);
  return sale && rao(soldAfterwards(paid, sale.feeAlpha));
}

/** What the chain says of it; on root there is nothing to ask. */
async function prices({ chain, at }: QuoteGround, netuid: number, amountRao: Rao, signal: AbortSignal) {
  if (netuid === ROOT)
    return { priceRao: rootPrice, alpha: amountRao as bigint, feeRao: rao(0n), priceAfterRao: rootPrice };
  const [priceRao, bought] = await Promise.all([
    chain.price(netuid, at.hash, signal),
    chain.buy(netuid, amountRao, at.hash, signal),
  ]);
  return priceRao && bought ? { priceRao, ...bought } : null;
}

function tooLow(ground: QuoteGround, amountRao: bigint, feeRao: bigint): CodedError | null {
  const leastRao = ground.minimums.leastRao + feeRao;
  return amountRao < leastRao ? amountTooLow(ground, leastRao) : null;
}
