import type { HouseView } from '../../src-shared/contract/page/house.ts';
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

/** What has to be said of a setting besides: a rule that nobody here can tell about; null: nothing. */
export function untoldNote(id: SettingId, { untold }: HouseView): string | null {
  const rule = ruleOf[id];
  return rule && untold.includes(rule) ? t(`house.untold.${rule}`) : null;
}
