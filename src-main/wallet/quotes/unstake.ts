import type { Intent } from '../../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import {
  type AlphaRao,
  alphaRao,
  RAO_PER_TAO,
  type Rao,
  rao,
  type Ss58,
  typedTao,
} from '../../../src-shared/units.ts';
import type { ChainCall } from '../../network/chain.ts';
import { ROOT } from '../../network/expected-subnet.ts';
import { leastSold } from './curve.ts';
import {
  alphaText,
  amountTooLow,
  apartBps,
  below,
  impactWarnings,
  nominationWarning,
  type QuoteGround,
  refused,
  rootPrice,
  UNUSUAL_IMPACT_BPS,
  type Weighed,
} from './ground.ts';
import { partOf, type StakePart } from './places.ts';

type Unstake = Extract<Intent, { kind: 'unstake' }>;

/**
 * Alpha of a hotkey for TAO, never below a price. At worst others sell first, and the order itself then brings the price
 * to the limit: `leastRao` is what that leaves.
 */
export async function weighUnstake(
  ground: QuoteGround,
  { netuid, hotkey, amountAlpha, toleranceBps }: Unstake,
  signal: AbortSignal,
): Promise<Weighed> {
  const part = await partOf(ground, { netuid, hotkey, amount: amountAlpha }, signal);
  const { alpha } = part;
  const amountText = typedTao(rao(alpha));
  if (part.problem) return refused(part.problem, amountText);
  const order = await prices(ground, netuid, alpha, signal);
  const isRoot = netuid === ROOT;
  const limitPriceRao = order && (isRoot ? rootPrice : limitOf(order, toleranceBps));
  // A limit of zero is no limit.
  if (!order || !limitPriceRao) return refused({ code: 'NO_QUOTE', params: { netuid } }, amountText);
  const { priceRao, taoRao, feeAlpha } = order;
  const paidRao = rao((taoRao * RAO_PER_TAO) / (alpha - feeAlpha));
  const impactBps = isRoot ? 0 : apartBps(priceRao, paidRao);
  return {
    terms: {
      kind: 'unstake',
      giveAlpha: alpha,
      receiveRao: taoRao,
      leastRao: isRoot
        ? taoRao
        : rao(leastSold({ netAlpha: alpha - feeAlpha, taoRao, priceRao }, limitPriceRao)),
      ...{ priceRao, paidPriceRao: paidRao, impactBps, limitPriceRao },
      ...{ swapFeeAlpha: feeAlpha, leftAlpha: part.leftAlpha },
    },
    call: callOf(hotkey, part, limitPriceRao),
    spendsRao: 0n,
    isPaidOut: true,
    undone: 'never',
    warnings: [
      ...impactWarnings(impactBps, toleranceBps),
      ...(await leftWarnings(ground, { netuid, hotkey }, part, priceRao, signal)),
    ],
    isUnusual: impactBps > UNUSUAL_IMPACT_BPS || alpha * 4n > part.heldAlpha,
    problem: tooLow(ground, part, taoRao),
    ...{ amountText, lifeBlocks: null },
  };
}

/** All by the chain's own number at that moment: what an epoch pays until then does not stay behind. */
const callOf = (hotkey: Ss58, { alpha, leftAlpha }: StakePart, limitPriceRao: Rao): ChainCall =>
  leftAlpha === 0n
    ? { kind: 'removeStakeFullLimit', hotkey, limitPriceRao }
    : { kind: 'removeStakeLimit', hotkey, amountAlpha: alpha, limitPriceRao, allowPartial: false };

async function prices({ chain, at }: QuoteGround, netuid: number, alpha: AlphaRao, signal: AbortSignal) {
  if (netuid === ROOT)
    return { priceRao: rootPrice, taoRao: rao(alpha), feeAlpha: alphaRao(0n), priceAfterRao: rootPrice };
  const [priceRao, sold] = await Promise.all([
    chain.price(netuid, at.hash, signal),
    chain.sell(netuid, alpha, at.hash, signal),
  ]);
  return priceRao && sold && sold.feeAlpha < alpha ? { priceRao, ...sold } : null;
}

const limitOf = (
  { priceRao, priceAfterRao }: { readonly priceRao: Rao; readonly priceAfterRao: Rao },
  toleranceBps: number,
): Rao => below(priceAfterRao < priceRao ? priceAfterRao : priceRao, toleranceBps);

/** Everything may be taken out, however little it is. */
function tooLow(ground: QuoteGround, { leftAlpha }: StakePart, taoRao: bigint): CodedError | null {
  const { leastRao } = ground.minimums;
  return leftAlpha > 0n && taoRao < leastRao ? amountTooLow(ground, leastRao) : null;
}

/** What would stay: too little to be taken out in part, or so little that the chain takes it out, too. */
async function leftWarnings(
  ground: QuoteGround,
  { netuid, hotkey }: Pick<Unstake, 'netuid' | 'hotkey'>,
  { leftAlpha }: StakePart,
  priceRao: bigint,
  signal: AbortSignal,
): Promise<readonly CodedError[]> {
  if (leftAlpha === 0n) return [];
  const leftRao = (leftAlpha * priceRao) / RAO_PER_TAO;
  const { owner } = await ground.chain.hotkey(netuid, hotkey, ground.at.hash, signal);
  const cleared = nominationWarning(ground, 'NOMINATION_CLEARED', { leftRao, owner });
  if (cleared.length > 0 || leftRao >= ground.minimums.leastRao) return cleared;
  return [{ code: 'DUST_STAYS', params: { left: alphaText(leftAlpha) } }];
}
