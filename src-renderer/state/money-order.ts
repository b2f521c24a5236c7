import type {
  AccountView,
  Holdings,
  Intent,
  MoneyOrder,
  StakeView,
} from '../../src-shared/contract/page/money.ts';
import { type AlphaRao, alphaRao, type Ss58 } from '../../src-shared/units.ts';
import { amountOf, amountText, readAmount } from './typed-amount.ts';

/** An amount as it stands in its field. "All" is a wish of its own: its number is the chain's, not the text's. */
export interface AmountDraft {
  readonly text: string;
  readonly isAll: boolean;
}

export const noAmount: AmountDraft = { text: '', isAll: false };

/** What the field shows: for "all" the amount there is now, as a text that the field itself accepts. */
export const shownAmount = ({ text, isAll }: AmountDraft, all: bigint | null): string =>
  isAll ? (all === null || all <= 0n ? '' : amountText(all)) : text;

/** Whether the amount is more than there is; false while either is not known. */
export const isMore = (draft: AmountDraft, all: bigint | null): boolean => {
  const amount = amountOf(readAmount(draft.text));
  return !draft.isAll && amount !== null && all !== null && amount > all;
};

type Wanted = {
  readonly amount: AmountDraft;
  /** What there is to take from; null: not read yet. */
  readonly all: bigint | null;
};

/** Rao or alpha of the draft, or "all"; null where it is none yet or more than there is. */
const leaving = ({ amount, all }: Wanted): bigint | 'all' | null => {
  if (amount.isAll) return all !== null && all > 0n ? 'all' : null;
  return isMore(amount, all) ? null : amountOf(readAmount(amount.text));
};

export interface StakeDraft {
  readonly netuid: number | null;
  readonly hotkey: Ss58 | null;
  readonly amount: AmountDraft;
  readonly toleranceBps: number | null;
}

/** @param funds null: not read yet */
export function stakeIntent(
  draft: StakeDraft,
  funds: Pick<Holdings, 'freeRao' | 'stakeableRao'> | null,
): Intent | null {
  const { netuid, hotkey, toleranceBps } = draft;
  const most = draft.amount.isAll ? funds?.stakeableRao : funds?.freeRao;
  const amountRao = leaving({ amount: draft.amount, all: most ?? null });
  if (netuid === null || hotkey === null || toleranceBps === null || amountRao === null) return null;
  return { kind: 'stake', netuid, hotkey, amountRao: amountRao as 'all', toleranceBps };
}

/** @param from the stake that it is taken from; null: none is chosen */
export function unstakeIntent(
  from: StakeView | null,
  amount: AmountDraft,
  toleranceBps: number | null,
): Intent | null {
  const amountAlpha = from && alphaOf(movableAlpha(from, 'unstake'), amount);
  if (!from || amountAlpha === null || toleranceBps === null) return null;
  return { kind: 'unstake', netuid: from.netuid, hotkey: from.hotkey, amountAlpha, toleranceBps };
}

export function moveIntent(
  from: StakeView | null,
  amount: AmountDraft,
  toHotkey: Ss58 | null,
): Intent | null {
  const amountAlpha = from && alphaOf(movableAlpha(from, 'moveStake'), amount);
  if (!from || amountAlpha === null || toHotkey === null || toHotkey === from.hotkey) return null;
  return { kind: 'moveStake', netuid: from.netuid, fromHotkey: from.hotkey, toHotkey, amountAlpha };
}

export function giveIntent(
  from: StakeView | null,
  amount: AmountDraft,
  toColdkey: Ss58 | null,
): Intent | null {
  const amountAlpha = from && alphaOf(movableAlpha(from, 'transferStake'), amount);
  if (!from || amountAlpha === null || toColdkey === null) return null;
  return { kind: 'transferStake', netuid: from.netuid, hotkey: from.hotkey, toColdkey, amountAlpha };
}

export function sendIntent(to: Ss58 | null, amount: AmountDraft, freeRao: bigint | null): Intent | null {
  const amountRao = leaving({ amount, all: freeRao });
  if (to === null || amountRao === null) return null;
  return { kind: 'transfer', to, amountRao: amountRao as 'all' };
}

/** What of a stake an order can take: a lock holds it on its subnet and coldkey, and lets it change its hotkey there. */
export const movableAlpha = (
  { alpha, availableAlpha }: StakeView,
  kind: 'unstake' | 'moveStake' | 'transferStake',
): AlphaRao => (kind === 'moveStake' ? alpha : availableAlpha);

const alphaOf = (all: AlphaRao, amount: AmountDraft): AlphaRao | 'all' | null => {
  const alpha = leaving({ amount, all });
  return alpha === null || alpha === 'all' ? alpha : alphaRao(alpha);
};

export const orderOf = (account: AccountView, intent: Intent | null): MoneyOrder | null =>
  intent && { account: account.id, intent };

/** A subnet's number as typed: 0 to 65535, digits alone. */
export function readNetuid(text: string): number | null {
  const netuid = /^\d{1,5}$/.test(text) ? Number(text) : null;
  return netuid !== null && netuid <= 65_535 ? netuid : null;
}
