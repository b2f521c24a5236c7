import type { AppFacts } from '../../src-shared/contract/page/app.ts';
import type { Setting, SettingGroup } from '../../src-shared/settings/setting.ts';
import { type SettingId, settings } from '../../src-shared/settings.ts';

export interface ListedSetting {
  readonly id: SettingId;
  readonly setting: Setting;
}

export interface SettingSection {
  readonly group: SettingGroup;
  readonly settings: readonly ListedSetting[];
}

const all: readonly ListedSetting[] = (Object.keys(settings) as SettingId[]).map((id) => ({
  id,
  setting: settings[id],
}));

/**
 * The settings that change something in this shell, by group, in the order in which they are declared; of a search
 * those that hold all of its words.
 */
export function settingSections(search: string, shell: AppFacts['shell']): readonly SettingSection[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found = all.filter(
    (one) =>
      (one.setting.shell ?? shell) === shell &&
      !one.setting.isOnCardPage &&
      words.every((word) => textOf(one).includes(word)),
  );
  const groups = [...new Set(found.map(({ setting }) => setting.group))];
  return groups.map((group) => ({ group, settings: found.filter(({ setting }) => setting.group === group) }));
}

const textOf = ({ id, setting }: ListedSetting): string => {
  const choices = setting.type === 'choice' ? setting.choices.map(({ title }) => title) : [];
  return [id, setting.title, setting.description, ...choices].join(' ').toLowerCase();
};
