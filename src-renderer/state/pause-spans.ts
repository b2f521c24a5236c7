import { minutesOf, type PauseSpan, pauseSpans, TOMORROW_HOUR } from '../../src-shared/rules/pauses.ts';
import { t } from '../i18n/t.ts';

const labels: Readonly<Record<PauseSpan, string>> = {
  15: t('span.15'),
  60: t('span.60'),
  180: t('span.180'),
  tomorrow: t('span.tomorrow', { hour: String(TOMORROW_HOUR) }),
};

/** Items of a menu of spans, each counted in minutes from the moment in which it is chosen. */
export const spanItems = (
  choose: (minutes: number) => void,
): readonly { readonly label: string; readonly choose: () => void }[] =>
  pauseSpans.map((span) => ({ label: labels[span], choose: () => choose(minutesOf(span, Date.now())) }));
