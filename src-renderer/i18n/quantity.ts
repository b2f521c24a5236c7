import type { Quantity } from '../../src-shared/economics/quantity.ts';
import { type AlphaRao, formatAmount, RAO_PER_TAO, type Rao } from '../../src-shared/units.ts';
import { formatAlpha, formatCount, formatDecimal, formatTao } from './format.ts';
import { t } from './t.ts';

/** Amounts at a glance: as many places as tell something. The exact one stands behind it, as a title. */
function placesFor(amount: bigint, usual: number): number {
  const magnitude = amount < 0n ? -amount : amount;
  if (magnitude === 0n || magnitude >= 1_000n * RAO_PER_TAO) return 0;
  if (magnitude >= 10n * RAO_PER_TAO) return 2;
  if (magnitude >= RAO_PER_TAO) return usual;
  return magnitude >= RAO_PER_TAO / 100n ? 4 : 6;
}

const MILLION = 1_000_000n * RAO_PER_TAO;

const rough = (amount: bigint, usual: number): string =>
  amount >= 10n * MILLION || amount <= -10n * MILLION
    ? t('subnet.million', { n: formatAmount(amount / 1_000_000n, 2) })
    : formatAmount(amount, placesFor(amount, usual));

export const roughTao = (amount: Rao): string => `τ ${rough(amount, 4)}`;
export const roughAlpha = (amount: AlphaRao): string => `α ${rough(amount, 2)}`;
/** With its sign, which is read as one: "+ α 12,000". */
export const signedAlpha = (amount: bigint): string =>
  `${amount < 0n ? '−' : '+'} α ${rough(amount < 0n ? -amount : amount, 2)}`;

/** Six places tell the prices of small subnets apart. */
export const formatPrice = (perAlpha: Rao): string => `τ ${formatAmount(perAlpha, 6)}`;

/** A share as per cent: "0.55 %", "9.3 %", "41 %", never 0 for what is not nothing. */
export function formatShare(share: number): string {
  const percent = Math.abs(share) * 100;
  const sign = share < 0 ? '−' : '';
  if (percent === 0) return t('unit.percent', { n: 0 });
  if (percent > 0 && percent < 0.01) return t('unit.percent', { n: `${sign}<0.01` });
  const places = percent >= 10 ? 0 : percent >= 1 ? 1 : 2;
  return t('unit.percent', { n: `${sign}${formatDecimal(percent, places)}` });
}
/** The same with a sign for what rose. */
export const formatChange = (share: number): string => `${share > 0 ? '+' : ''}${formatShare(share)}`;

export const formatRatio = (ratio: number): string =>
  `${ratio < 0 ? '−' : ''}${formatDecimal(Math.abs(ratio), Math.abs(ratio) >= 100 ? 0 : 2)}`;

export function quantityText(quantity: Quantity): string {
  switch (quantity.kind) {
    case 'tao':
      return roughTao(quantity.rao);
    case 'price':
      return formatPrice(quantity.rao);
    case 'alpha':
      return roughAlpha(quantity.alpha);
    case 'share':
      return formatShare(quantity.share);
    case 'ratio':
      return formatRatio(quantity.ratio);
    case 'count':
      return formatCount(quantity.count);
  }
}

/** To the last rao; undefined where the text says all of it. */
export function exactText(quantity: Quantity): string | undefined {
  if (quantity.kind === 'tao' || quantity.kind === 'price') return formatTao(quantity.rao, 9);
  return quantity.kind === 'alpha' ? formatAlpha(quantity.alpha, 9) : undefined;
}
