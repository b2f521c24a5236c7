import * as v from 'valibot';

/**
 * The settings, declared once: the page draws them from here, the host validates and stores them by it. A setting
 * is added by adding an entry; its default is what an old settings file means.
 */
interface Described {
  readonly title: string;
  readonly description: string;
}

export type Setting =
  | (Described & { readonly type: 'switch'; readonly default: boolean })
  | (Described & {
      readonly type: 'number';
      readonly default: number;
      readonly least: number;
      readonly most: number;
      readonly unit: string | null;
    });

export const settings = {
  'training.threads': {
    title: 'Processor threads for training',
    description: '0 leaves one core free and takes the others. Used when training runs on the processor.',
    type: 'number',
    default: 0,
    least: 0,
    most: 64,
    unit: null,
  },
  'window.acceleration': {
    title: 'Draw the window with the graphics card',
    description: 'Off by default: the memory that the window would take there belongs to training.',
    type: 'switch',
    default: false,
  },
} as const satisfies Record<string, Setting>;

export type SettingId = keyof typeof settings;
export type SettingValue<I extends SettingId> = (typeof settings)[I]['type'] extends 'switch'
  ? boolean
  : number;
export type SettingValues = { readonly [I in SettingId]: SettingValue<I> };

export const isSettingId = (id: string): id is SettingId => Object.hasOwn(settings, id);

export function settingSchema(id: SettingId): v.GenericSchema<unknown, boolean | number> {
  const setting: Setting = settings[id];
  if (setting.type === 'switch') return v.boolean();
  return v.pipe(v.number(), v.safeInteger(), v.minValue(setting.least), v.maxValue(setting.most));
}

export const defaultSettings: SettingValues = Object.fromEntries(
  Object.entries(settings).map(([id, setting]) => [id, setting.default]),
) as unknown as SettingValues;
