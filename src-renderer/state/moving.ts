import type { AccountView, Intent, TransactionView } from '../../src-shared/contract/page/money.ts';
import type { Rao } from '../../src-shared/units.ts';
import { exactAlpha, exactTao } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';
import { isUnderWay } from './transaction-steps.ts';

/** A part of what an account holds that an order moves, and that what was read of it does not show moved yet. */
export interface Moving extends Pick<TransactionView, 'id' | 'intent' | 'state'> {
  /** The place in the table that it belongs to: a stake by its key, or null for what is free. */
  readonly at: string | null;
  readonly way: 'in' | 'out';
  readonly amount: string;
}

/**
 * Orders that were handed over and are not final, and those that are final in a block which is younger than what was
 * read of the account.
 */
export function movingIn({ transactions, holds }: AccountView): readonly Moving[] {
  return transactions
    .filter(
      ({ state }) =>
        isUnderWay(state) || (state.kind === 'done' && holds !== null && state.block > holds.block),
    )
    .flatMap(({ id, intent, state }) => {
      const place = placeOf(intent);
      return place ? [{ id, intent, state, ...place }] : [];
    });
}

/** null: it moves nothing but the network's fee. */
function placeOf(intent: Intent): Pick<Moving, 'at' | 'way' | 'amount'> | null {
  switch (intent.kind) {
    case 'stake':
      return { at: `${intent.netuid}/${intent.hotkey}`, way: 'in', amount: taoOf(intent.amountRao) };
    case 'unstake':
    case 'transferStake':
      return { at: `${intent.netuid}/${intent.hotkey}`, way: 'out', amount: alphaOf(intent) };
    case 'moveStake':
      return { at: `${intent.netuid}/${intent.fromHotkey}`, way: 'out', amount: alphaOf(intent) };
    case 'transfer':
      return { at: null, way: 'out', amount: taoOf(intent.amountRao) };
    case 'ownSubnet':
      return null;
    case 'openSubnet':
    case 'register':
      return { at: null, way: 'out', amount: t('places.moving.most', { amount: exactTao(intent.limitRao) }) };
  }
}

const taoOf = (amount: Rao | 'all'): string => (amount === 'all' ? t('intent.allFree') : exactTao(amount));

/** On root alpha is τ. */
const alphaOf = ({
  netuid,
  amountAlpha,
}: Extract<Intent, { kind: 'unstake' | 'transferStake' | 'moveStake' }>): string => {
  if (amountAlpha === 'all') return t('intent.all');
  return netuid === 0 ? exactAlpha(amountAlpha).replace('α', 'τ') : exactAlpha(amountAlpha);
};
