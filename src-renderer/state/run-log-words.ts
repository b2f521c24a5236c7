import type { RunLogState } from '../../src-shared/contract/page/run-logs.ts';
import { WANDB_SITE } from '../../src-shared/run-logs/wandb-names.ts';
import { formatCount, formatTime } from '../i18n/format.ts';
import { plural, t } from '../i18n/t.ts';

/** How far a run's telling is, in a sentence; what keeps it from going on is told beside it. */
export function runLogSentence({ lastSeq, toldAtMs, pendingRows }: RunLogState): string {
  if (pendingRows === null) return t('runLogs.asking');
  if (pendingRows > 0) return plural('runLogs.waiting', pendingRows, formatCount(pendingRows));
  if (toldAtMs === null) return t('runLogs.asking');
  if (lastSeq === null || lastSeq < 0) return t('runLogs.begun');
  return t('runLogs.told', { time: formatTime(toldAtMs) });
}

/** What a link may open; null: a folder, or a server of one's own, which the app's window opens for nobody. */
export const runLogLink = ({ place }: Pick<RunLogState, 'place'>): string | null =>
  place?.startsWith(`${WANDB_SITE}/`) ? place : null;
