import type { Electricity, FiatSource } from '../../src-shared/earnings/money-words.ts';
import { centsText, fiatCents, powerCents, typedRate } from '../../src-shared/earnings/money-words.ts';
import type { Period, PeriodRow } from '../../src-shared/earnings/periods.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import { formatDay, formatMoment, formatMonth } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';

/** The rate that is typed in the settings; null where there is none. */
export const fiatOf = (settings: SettingValues): FiatSource | null =>
  typedRate(settings['earnings.currency'], settings['earnings.rate']);

export const electricityOf = (settings: SettingValues): Electricity => ({
  watts: settings['earnings.watts'],
  tariff: settings['earnings.tariff'],
});

/** "EUR 12.30" */
export const formatCents = (cents: bigint, currency: string): string => `${currency} ${centsText(cents)}`;

export interface Costs {
  readonly worthCents: bigint | null;
  readonly powerCents: bigint | null;
  readonly netCents: bigint | null;
}

/** A period in a currency: its pay at the typed rate, its electricity, and what is left. */
export function costsOf(row: PeriodRow, fiat: FiatSource | null, power: Electricity): Costs {
  const worthCents = fiatCents(row.taoRao, row.startMs, fiat);
  const cost = row.seenMs > 0 ? powerCents(row.seenMs, power) : null;
  const netCents = worthCents === null || cost === null ? null : worthCents - cost;
  return { worthCents, powerCents: cost, netCents };
}

/** "Mon 2 Nov", "week of 2 Nov", "November 2026", "2 Nov, 14:05": always UTC. */
export function periodName(period: Period, { startMs, endMs, alpha }: PeriodRow): string {
  if (period === 'day') return formatDay(startMs);
  if (period === 'week') return t('earnings.weekOf', { day: formatDay(startMs) });
  if (period === 'month') return formatMonth(startMs);
  if (alpha === null) return t('earnings.between', { from: formatMoment(startMs), to: formatMoment(endMs) });
  return formatMoment(startMs);
}

/** What stands beside a period that is not plain. */
export function periodNote({ hasGap, alpha, isOpen }: PeriodRow): string {
  if (hasGap && alpha === null) return t('earnings.unseen');
  if (hasGap) return t('earnings.partlySeen');
  return isOpen ? t('earnings.notOver') : '';
}
