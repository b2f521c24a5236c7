import type { Intent, TransactionOutcome } from '../../src-shared/contract/page/money.ts';
import { type AlphaRao, rao } from '../../src-shared/units.ts';
import { exactAlpha, exactTao, shortAddress } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';

/** The name of an address, or null where it has none. */
export type NameOf = (address: string) => string | null;

const alpha = (amount: AlphaRao | 'all'): string => (amount === 'all' ? t('intent.all') : exactAlpha(amount));

/** What a person wanted done, in one line. */
export function intentWords(intent: Intent, nameOf: NameOf): string {
  const called = (address: string) => nameOf(address) ?? shortAddress(address);
  switch (intent.kind) {
    case 'stake':
      return t('intent.stake', {
        amount: intent.amountRao === 'all' ? t('intent.allFree') : exactTao(intent.amountRao),
        hotkey: called(intent.hotkey),
        netuid: intent.netuid,
      });
    case 'unstake':
      return t('intent.unstake', {
        amount: alpha(intent.amountAlpha),
        hotkey: called(intent.hotkey),
        netuid: intent.netuid,
      });
    case 'transfer':
      return t('intent.transfer', {
        amount: intent.amountRao === 'all' ? t('intent.all') : exactTao(intent.amountRao),
        to: called(intent.to),
      });
    case 'moveStake':
      return t('intent.moveStake', {
        amount: alpha(intent.amountAlpha),
        from: called(intent.fromHotkey),
        to: called(intent.toHotkey),
        netuid: intent.netuid,
      });
    case 'transferStake':
      return t('intent.transferStake', {
        amount: alpha(intent.amountAlpha),
        to: called(intent.toColdkey),
        netuid: intent.netuid,
      });
    case 'register':
      return t('intent.register', {
        hotkey: called(intent.hotkey),
        netuid: intent.netuid,
        limit: exactTao(intent.limitRao),
      });
    case 'openSubnet':
      return t('intent.openSubnet', { limit: exactTao(intent.limitRao) });
    case 'ownSubnet':
      return t(`intent.own.${intent.act.kind}`, { netuid: intent.netuid });
  }
}

/** What a finished transaction came to, by what the chain says of it; empty where it says nothing. */
export function outcomeWords({ kind }: Intent, outcome: TransactionOutcome): readonly string[] {
  const { balanceRao, taoRao, alpha: moved, uid } = outcome;
  const isIn = kind === 'stake';
  return [
    ...(moved !== null ? [t(isIn ? 'outcome.received' : 'outcome.gave', { amount: exactAlpha(moved) })] : []),
    ...(taoRao !== null && kind === 'unstake' ? [t('outcome.received', { amount: exactTao(taoRao) })] : []),
    ...(uid !== null ? [t('outcome.uid', { uid })] : []),
    ...(balanceRao !== null ? [balanceWords(balanceRao)] : []),
  ];
}

const balanceWords = (change: bigint): string =>
  change < 0n
    ? t('outcome.less', { amount: exactTao(rao(-change)) })
    : t('outcome.more', { amount: exactTao(rao(change)) });
