import type { UpdatesView } from '../../src-shared/contract/page/updates.ts';
import { formatBytes, formatMoment, formatTime } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';

/** How an update stands, in one sentence. Of what nobody asked for yet it says that nobody did. */
export function updateSentence({ hasKey, way, checkedAtMs, state }: UpdatesView): string {
  if (!hasKey) return t('updates.off');
  switch (state.kind) {
    case 'none':
      return checkedAtMs === null
        ? t('updates.unasked')
        : t('updates.newest', { at: formatTime(checkedAtMs) });
    case 'available':
      return t(`updates.available.${way}`, { version: state.release.version });
    case 'deferred':
      return t('updates.deferred', { version: state.release.version, at: formatMoment(state.untilMs) });
    case 'skipped':
      return t('updates.skipped', { version: state.release.version });
    case 'downloading':
      return t('updates.downloading', {
        version: state.release.version,
        done: formatBytes(state.bytes),
        of: formatBytes(state.release.bytes ?? state.bytes),
      });
    case 'ready':
      return t('updates.ready', { version: state.release.version });
    case 'installing':
      return t(`updates.installing.${state.waitsFor ?? 'now'}`, { version: state.release.version });
    case 'failed':
      return t('updates.failed', { version: state.release.version });
  }
}
