import * as v from 'valibot';
import { adapterOfKey } from './cards/adapter.ts';
import { TOKEN_NAME } from './contract/page/tokens.ts';
import { fitsIdentityField } from './rounds/identity-field.ts';
import { parseApps } from './rules/apps.ts';
import { parseHours } from './rules/hours.ts';
import { parsePrices } from './rules/prices.ts';
import { isHttpBase, wandbNameSchema } from './run-logs/wandb-names.ts';
import { moneySettings } from './settings/money.ts';
import { networkSettings } from './settings/network.ts';
import { publishingSettings } from './settings/publishing.ts';
import { rulesSettings } from './settings/rules.ts';
import { runLogSettings } from './settings/run-logs.ts';
import type { Setting } from './settings/setting.ts';
import { trainingSettings } from './settings/training.ts';
import { windowSettings } from './settings/window.ts';
import { parseStoreAddress } from './stores/store-address.ts';

/**
 * The settings, declared once: the page draws them from here, in this order, and the host validates and stores them by
 * it. A setting is added by adding an entry to its table; its default is what an old settings file means.
 */
export const settings = {
  ...trainingSettings,
  ...rulesSettings,
  ...networkSettings,
  ...publishingSettings,
  ...moneySettings,
  ...runLogSettings,
  ...windowSettings,
} as const satisfies Record<string, Setting>;

interface ValueOfType {
  switch: boolean;
  number: number;
  text: string;
  choice: string;
  path: string;
}

export type SettingId = keyof typeof settings;
export type SettingValue<I extends SettingId> = ValueOfType[(typeof settings)[I]['type']];
export type SettingValues = { readonly [I in SettingId]: SettingValue<I> };

export const isSettingId = (id: string): id is SettingId => Object.hasOwn(settings, id);

/** What a setting accepts. The page uses the same schema, so a value that is refused is told at its field. */
export function settingSchema(id: SettingId): v.GenericSchema<unknown, boolean | number | string> {
  const setting: Setting = settings[id];
  switch (setting.type) {
    case 'switch':
      return v.boolean();
    case 'number':
      return v.pipe(
        v.number(),
        v.finite(),
        v.minValue(setting.least),
        v.maxValue(setting.most),
        v.check((value) => Number(value.toFixed(setting.places)) === value),
      );
    case 'text':
      return v.pipe(v.string(), v.maxLength(setting.most), v.check(forms[setting.form]));
    case 'choice':
      return v.picklist(setting.choices.map(({ value }) => value));
    case 'path':
      return v.pipe(v.string(), v.maxLength(4096), v.check(isAbsoluteFolder));
  }
}

const forms = {
  websocket: (text: string) => isWebSocketUrl(text),
  card: (text: string) => text === '' || adapterOfKey(text) !== null,
  hours: (text: string) => parseHours(text) !== null,
  prices: (text: string) => parsePrices(text) !== null,
  apps: (text: string) => parseApps(text) !== null,
  web: (text: string) => text === '' || isHttpBase(text),
  'wandb-name': (text: string) => text === '' || v.is(wandbNameSchema, text),
  repository: (text: string) => text === '' || parseStoreAddress(`hub:${text}`) !== null,
  bucket: (text: string) => text === '' || parseStoreAddress(`s3:${text}`) !== null,
  store: (text: string) => text === '' || parseStoreAddress(text) !== null,
  'token-name': (text: string) => TOKEN_NAME.test(text),
  'told-store': (text: string) => text === '' || isTold(text),
};

/** Whether an address can be told to everybody on chain. */
function isTold(text: string): boolean {
  const store = parseStoreAddress(text);
  return store !== null && fitsIdentityField(store);
}

/** ws:// or wss:// with a host, and no user or password in it: endpoints are shown and logged. */
export function isWebSocketUrl(text: string): boolean {
  if (!/^wss?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { hostname, username, password } = new URL(text);
  return hostname !== '' && username === '' && password === '';
}

/** Unix, home or Windows form, on this computer: shares of others are none. Whether it is there is for whoever opens it to say. */
const isAbsoluteFolder = (text: string): boolean =>
  text === '' || (/^(?:\/(?![\\/])|~\/|[A-Za-z]:[\\/])/.test(text) && !text.includes('\0'));

export const defaultSettings: SettingValues = Object.fromEntries(
  Object.entries(settings).map(([id, setting]) => [id, setting.default]),
) as unknown as SettingValues;

const shippedEndpoints: ReadonlySet<string> = new Set([
  defaultSettings['network.finney.endpoint'],
  defaultSettings['network.test.endpoint'],
]);

/** Whether a chain node is one that Butterfly comes with, and nobody chose. */
export const isShippedEndpoint = (endpoint: string): boolean => shippedEndpoints.has(endpoint);
