import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Setting } from '../../src-shared/settings/setting.ts';
import { formatCount } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';

/** Why a value is refused, with what would be accepted: said at the field, before the host is asked. */
export function settingFault(setting: Setting, value: unknown): CodedError {
  const shown = String(value);
  return {
    code: 'SETTING_NEEDS',
    params: { value: shown.trim() === '' ? t('settings.nothing') : shown, needs: needsOf(setting) },
  };
}

function needsOf(setting: Setting): string {
  switch (setting.type) {
    case 'number': {
      const bounds = { least: formatCount(setting.least), most: formatCount(setting.most) };
      return setting.places === 0 ? t('settings.needs.whole', bounds) : t('settings.needs.number', bounds);
    }
    case 'text':
      return textNeeds[setting.form];
    case 'path':
      return t('settings.needs.path');
    default:
      return t('settings.needs.choice');
  }
}

type TextForm = Extract<Setting, { type: 'text' }>['form'];
const textNeeds: Readonly<Record<TextForm, string>> = {
  websocket: t('settings.needs.websocket'),
  card: t('settings.needs.choice'),
  hours: t('settings.needs.hours'),
  prices: t('settings.needs.prices'),
  apps: t('settings.needs.apps'),
  web: t('settings.needs.web'),
  repository: t('settings.needs.repository'),
  bucket: t('settings.needs.bucket'),
  store: t('settings.needs.store'),
  'told-store': t('settings.needs.told-store'),
  'token-name': t('settings.needs.token-name'),
  'wandb-name': t('settings.needs.wandb-name'),
};
