import type { SettingValues } from '../settings.ts';
import { parseApps } from './apps.ts';
import { parseHours, type WeekHours } from './hours.ts';
import { type DayPrices, parsePrices } from './prices.ts';

/** When this computer may work, as its user chose. A rule that was not chosen is null, or asks for nothing. */
export interface HouseRules {
  readonly hours: WeekHours | null;
  readonly price: { readonly prices: DayPrices; readonly most: number } | null;
  readonly restsOnBattery: boolean;
  /** The temperature at which a card rests, in °C. */
  readonly celsius: number | null;
  /** Names of programs; none: the rule is off. */
  readonly apps: readonly string[];
  readonly restsInFullScreen: boolean;
  /** Works once nobody has touched a key for so many minutes. */
  readonly idleMinutes: number | null;
}

type RuleSettings = Pick<SettingValues, Extract<keyof SettingValues, `rules.${string}`>>;

/** The rules that the settings come to; their own door has checked each text. */
export function houseRulesOf(values: RuleSettings): HouseRules {
  const hours = parseHours(values['rules.hours']);
  const prices = parsePrices(values['rules.prices']) ?? [];
  return {
    hours: hours?.every(Boolean) ? null : hours,
    price:
      prices.length > 0 && values['rules.priceMost'] > 0 ? { prices, most: values['rules.priceMost'] } : null,
    restsOnBattery: values['rules.battery'],
    celsius: values['rules.celsius'] || null,
    apps: parseApps(values['rules.apps']) ?? [],
    restsInFullScreen: values['rules.fullScreen'],
    idleMinutes: values['rules.idleMinutes'] || null,
  };
}
