import type { HouseView } from '../../src-shared/contract/page/house.ts';
import { spansOf } from '../../src-shared/rules/hours.ts';
import { houseRulesOf } from '../../src-shared/rules/house-rules.ts';
import type { HouseReason } from '../../src-shared/rules/reasons.ts';
import { restSentence } from '../../src-shared/rules/words.ts';
import type { SettingId, SettingValues } from '../../src-shared/settings.ts';
import { formatComing } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';
import type { Tone } from './answers.ts';

/** What the house rules say now, in a word and a line under it. Pure. */
export interface HouseWords {
  readonly tone: Tone;
  readonly headline: string;
  readonly detail: string;
  /** What a person may do about it. */
  readonly offers: 'anyway' | 'hold-again' | null;
}

export function houseWords(
  { rest, restsFromMs, asideUntilMs }: HouseView,
  settings: SettingValues,
  nowMs: number,
): HouseWords {
  if (asideUntilMs !== null && !rest)
    return {
      tone: 'attention',
      headline: t('house.aside'),
      detail: t('house.asideUntil', { time: formatComing(asideUntilMs, nowMs) }),
      offers: 'hold-again',
    };
  if (rest)
    return {
      tone: 'paused',
      headline: t('house.rests'),
      detail: restSentence(rest, (ms) => formatComing(ms, nowMs)),
      offers: rest.reason === 'suspended' ? null : 'anyway',
    };
  return {
    tone: 'good',
    headline: t('house.works'),
    detail: worksDetail(restsFromMs, settings, nowMs),
    offers: null,
  };
}

function worksDetail(restsFromMs: number | null, settings: SettingValues, nowMs: number): string {
  if (restsFromMs !== null) return t('house.restsFrom', { time: formatComing(restsFromMs, nowMs) });
  return hasRule(settings) ? t('house.noReason') : t('house.noRule');
}

function hasRule(settings: SettingValues): boolean {
  const rules = houseRulesOf(settings);
  return (
    rules.hours !== null ||
    rules.price !== null ||
    rules.restsOnBattery ||
    rules.celsius !== null ||
    rules.apps.length > 0 ||
    rules.restsInFullScreen ||
    rules.idleMinutes !== null
  );
}

/** Which rule a setting belongs to, for rules that depend on what can be known here. */
type SensedRule = Extract<HouseReason, 'battery' | 'full-screen' | 'app' | 'in-use' | 'temperature'>;
const ruleOf: Partial<Record<SettingId, SensedRule>> = {
  'rules.battery': 'battery',
  'rules.fullScreen': 'full-screen',
  'rules.apps': 'app',
  'rules.idleMinutes': 'in-use',
  'rules.celsius': 'temperature',
};

/** What is said of a setting under its field, beside what it means. */
export interface RuleNote {
  readonly tone: Tone;
  readonly text: string;
}

/** A rule that nobody here can tell about, or what prices come to; null: there is nothing to say. Pure. */
export function ruleNote(id: SettingId, { untold }: HouseView, settings: SettingValues): RuleNote | null {
  if (id === 'rules.priceMost') return priceNote(settings);
  const rule = ruleOf[id];
  return rule && untold.includes(rule) ? { tone: 'attention', text: t(`house.untold.${rule}`) } : null;
}

function priceNote(settings: SettingValues): RuleNote | null {
  if (settings['rules.priceMost'] === 0) return null;
  const { price } = houseRulesOf(settings);
  if (!price) return { tone: 'attention', text: t('house.price.none') };
  const day = price.prices.map((one) => one <= price.most);
  if (!day.includes(true)) return { tone: 'attention', text: t('house.price.never') };
  return { tone: 'good', text: t('house.price.hours', { hours: spansOf(day).replaceAll(' ', ', ') }) };
}
