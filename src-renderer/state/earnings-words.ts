import type { PowerView } from '../../src-shared/contract/page/app.ts';
import type { Electricity, FiatSource } from '../../src-shared/earnings/money-words.ts';
import { centsText, fiatCents, powerCents, typedRate } from '../../src-shared/earnings/money-words.ts';
import type { Period, PeriodRow } from '../../src-shared/earnings/periods.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import { formatCount, formatDay, formatMoment, formatMonth } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';

/** The rate that is typed in the settings; null where there is none. */
export const fiatOf = (settings: SettingValues): FiatSource | null =>
  typedRate(settings['earnings.currency'], settings['earnings.rate']);

/** Where the watts come from: a meter that a person read, or sensors of some parts of this computer. */
export interface PowerUsed extends Electricity {
  readonly origin: 'typed' | 'measured' | 'unknown';
}

/** What a person typed is of the whole computer, and goes before what its sensors say of parts of it. */
export function electricityOf(settings: SettingValues, measured: PowerView | null): PowerUsed {
  const tariff = settings['earnings.tariff'];
  const typed = settings['earnings.watts'];
  if (typed > 0) return { watts: typed, tariff, origin: 'typed' };
  const watts = Math.round((measured?.gpuWatts ?? 0) + (measured?.cpuWatts ?? 0));
  return watts > 0 ? { watts, tariff, origin: 'measured' } : { watts: 0, tariff, origin: 'unknown' };
}

/** "Graphics card 61 W, processor 45 W": of what was measured; null where nothing was. */
export function measuredText(measured: PowerView | null): string | null {
  const parts = (['gpu', 'cpu'] as const).flatMap((part) => {
    const watts = measured?.[`${part}Watts`] ?? null;
    return watts === null ? [] : [t(`earnings.draws.${part}`, { watts: formatCount(Math.round(watts)) })];
  });
  return parts.length === 0 ? null : parts.join(', ');
}

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
