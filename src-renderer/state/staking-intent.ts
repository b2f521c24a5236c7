import type { AccountView, Intent, StakeView } from '../../src-shared/contract/page/money.ts';
import type { View } from '../../src-shared/contract/page/sections.ts';
import { readAddress } from '../../src-shared/typed-address.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { hotkeyOffers, usualNetuid } from './hotkey-offers.ts';
import {
  type AmountDraft,
  giveIntent,
  moveIntent,
  readNetuid,
  stakeIntent,
  unstakeIntent,
} from './money-order.ts';
import { readTolerance } from './tolerance.ts';

/** What the form of Staking says, whoever holds it. */
export interface StakingDraft {
  readonly side: 'stake' | 'unstake' | 'moveStake' | 'transferStake';
  readonly netuid: string | null;
  readonly hotkey: string | null;
  readonly from: string | null;
  readonly to: Readonly<Record<'moveStake' | 'transferStake', string>>;
  readonly amount: AmountDraft;
  readonly tolerance: string;
}

export const stakeKey = ({ netuid, hotkey }: Pick<StakeView, 'netuid' | 'hotkey'>): string =>
  `${netuid}/${hotkey}`;

/** The subnet as it stands in the field: what was typed, or the usual one. */
export const netuidText = (
  { netuid }: Pick<StakingDraft, 'netuid'>,
  view: View,
  account: AccountView,
): string => netuid ?? usualNetuid(view, account)?.toString() ?? '';

/** The hotkey as it stands in the field: what was chosen or pasted, or the first on offer that is one's own or staked. */
export function hotkeyText(
  draft: Pick<StakingDraft, 'netuid' | 'hotkey'>,
  view: View,
  account: AccountView,
): string {
  if (draft.hotkey !== null) return draft.hotkey;
  const offers = hotkeyOffers(view, account, readNetuid(netuidText(draft, view, account)));
  return offers.find(({ kind }) => kind === 'own' || kind === 'staked')?.address ?? '';
}

/** The stake that something is taken from: the chosen one while it is there, else the first. */
export const stakeFrom = ({ from }: Pick<StakingDraft, 'from'>, { holds }: AccountView): StakeView | null =>
  holds?.stakes.find((stake) => stakeKey(stake) === from) ?? holds?.stakes[0] ?? null;

/** The subnet that the form is about; null while it names none. */
export const formNetuid = (
  draft: Pick<StakingDraft, 'side' | 'netuid' | 'from'>,
  view: View,
  account: AccountView,
): number | null =>
  draft.side === 'stake'
    ? readNetuid(netuidText(draft, view, account))
    : (stakeFrom(draft, account)?.netuid ?? null);

const addressOf = (text: string): Ss58 | null => {
  const read = readAddress(text);
  return 'address' in read ? read.address : null;
};

/** What is wanted, once every field says something that can be. */
export function intentOfForm(draft: StakingDraft, view: View, account: AccountView): Intent | null {
  const { side, amount } = draft;
  const toleranceBps = readTolerance(draft.tolerance);
  const from = stakeFrom(draft, account);
  switch (side) {
    case 'stake': {
      const netuid = readNetuid(netuidText(draft, view, account));
      const hotkey = addressOf(hotkeyText(draft, view, account));
      return stakeIntent({ netuid, hotkey, amount, toleranceBps }, account.holds);
    }
    case 'unstake':
      return unstakeIntent(from, amount, toleranceBps);
    case 'moveStake':
      return moveIntent(from, amount, addressOf(draft.to.moveStake));
    case 'transferStake':
      return giveIntent(from, amount, addressOf(draft.to.transferStake));
  }
}
