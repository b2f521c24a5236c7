import { MOST_RAO } from '../../../src-shared/amount.ts';
import type { MoneyTerms } from '../../../src-shared/contract/page/money.ts';
import type { ReviewTask } from '../../../src-shared/contract/signing.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { formatAmount, RAO_PER_TAO, type Rao, rao, type Ss58, taoText } from '../../../src-shared/units.ts';
import type { BlockRef, ChainCall } from '../../network/chain.ts';
import type { MoneyChain } from '../../network/money.ts';
import type { AccountBalance } from '../../network/reads/account.ts';
import type { OrderMinimums } from '../../network/reads/minimums.ts';

/** What every order is weighed on: one block, and what the account has in its state. */
export interface QuoteGround {
  readonly chain: MoneyChain;
  readonly at: BlockRef;
  readonly coldkey: Ss58;
  readonly balance: AccountBalance;
  /** What keeps an account. */
  readonly depositRao: Rao;
  readonly minimums: OrderMinimums;
}

/** An order weighed by the chain's own numbers. */
export interface Weighed {
  /** null: no quote. */
  readonly terms: MoneyTerms | null;
  /** To be signed; null where there is none that could be. */
  readonly call: ChainCall | null;
  /** What leaves the free balance besides the fee, at most. */
  readonly spendsRao: bigint;
  /** Free afterwards depends on what the chain pays out. */
  readonly isPaidOut: boolean;
  readonly undone: ReviewTask['undone'];
  readonly warnings: readonly CodedError[];
  /** What makes it unusual, so that its amount has to be typed to agree. */
  readonly isUnusual: boolean;
  readonly problem: CodedError | null;
  /** As it is typed to agree. */
  readonly amountText: string;
  /** Blocks that may include it, once it is signed; null: as many as of any transaction. */
  readonly lifeBlocks: number | null;
}

/** An order that moves its price by more is typed to be agreed to. */
export const UNUSUAL_IMPACT_BPS = 500;

const BPS = 10_000n;
const ROOT_PRICE = rao(RAO_PER_TAO);
/** On root one alpha is one TAO, and there is no pool. */
export const rootPrice = ROOT_PRICE;

export const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/** What may stay free of an account is above what keeps it and what is frozen. */
export const spendable = ({ balance, depositRao }: QuoteGround): bigint => {
  const { freeRao, frozenRao } = balance;
  const kept = frozenRao > depositRao ? frozenRao : depositRao;
  return freeRao > kept ? freeRao - kept : 0n;
};

/** An order below what the chain takes: by its own word, or by what Subtensor has always held to. */
export const amountTooLow = ({ minimums: { isTold } }: QuoteGround, leastRao: bigint): CodedError => ({
  code: isTold ? 'AMOUNT_TOO_LOW' : 'AMOUNT_TOO_LOW_USUALLY',
  params: { least: taoText(rao(leastRao)) },
});

/** What stays on somebody else's hotkey after an order, where the chain takes so little out, too. */
export function nominationWarning(
  { minimums: { nominationRao }, coldkey }: QuoteGround,
  code: 'NOMINATION_CLEARED' | 'NOMINATION_SMALL',
  { leftRao, owner }: { readonly leftRao: bigint; readonly owner: Ss58 | null },
): readonly CodedError[] {
  if (leftRao === 0n || leftRao >= nominationRao || owner === coldkey) return [];
  return [{ code, params: { least: taoText(nominationRao) } }];
}

/** What is free does not hold so much, and what keeps the account. */
export const tooPoor = (ground: QuoteGround, neededRao: bigint): CodedError => {
  const { freeRao } = ground.balance;
  const needed = rao(neededRao + (freeRao - spendable(ground)));
  return { code: 'BALANCE_TOO_LOW', params: { needed: taoText(needed), free: taoText(freeRao) } };
};

export const above = (priceRao: bigint, toleranceBps: number): Rao => {
  const limit = ceilDiv(priceRao * (BPS + BigInt(toleranceBps)), BPS);
  return rao(limit < MOST_RAO ? limit : MOST_RAO);
};

export const below = (priceRao: bigint, toleranceBps: number): Rao =>
  rao((priceRao * (BPS - BigInt(toleranceBps))) / BPS);

/** How far one price is from another, in hundredths of a per cent of it; rounded up, never below none. */
export function apartBps(price: bigint, other: bigint): number {
  const apart = other > price ? other - price : price - other;
  return price === 0n ? 0 : Number(ceilDiv(apart * BPS, price));
}

/** "2.35": hundredths of a per cent as per cent. */
export const percentText = (bps: number): string => (bps / 100).toFixed(2).replace(/\.?0+$/, '');

export const alphaText = (amount: bigint): string => `${formatAmount(amount, 9).replace(/\.?0+$/, '')} alpha`;

/** What the order does to its price, said where it is worth a word. */
export function impactWarnings(impactBps: number, toleranceBps: number): readonly CodedError[] {
  const percent = percentText(impactBps);
  if (impactBps > toleranceBps)
    return [{ code: 'PRICE_BEYOND_TOLERANCE', params: { percent, tolerance: percentText(toleranceBps) } }];
  return impactBps >= 50 ? [{ code: 'ORDER_MOVES_PRICE', params: { percent } }] : [];
}

/** An order that cannot be: only why. */
export const refused = (problem: CodedError, amountText = '0'): Weighed => ({
  ...{ terms: null, call: null, spendsRao: 0n, isPaidOut: false, undone: 'never' },
  ...{ warnings: [], isUnusual: false, problem, amountText, lifeBlocks: null },
});
