import type { SettingValues } from '../../settings.ts';

/** The settings as they are; what each means and accepts stands in src-shared/settings.ts. */
export type SettingsView = SettingValues;
