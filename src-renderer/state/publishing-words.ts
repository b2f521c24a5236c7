import type { PublishingView, StoreTested, UploadEnd } from '../../src-shared/contract/page/publishing.ts';
import { describeError, isErrorCode } from '../../src-shared/errors/app-error.ts';
import {
  formatBytes,
  formatComing,
  formatCount,
  formatDuration,
  formatMbit,
  formatMoment,
} from '../i18n/format.ts';
import { t } from '../i18n/t.ts';

/** What a trial of the place found: where states go, who sees them there, and how fast. */
export function testedSentence({
  place,
  isPublic,
  sentBytesPerSecond,
  receivedBytesPerSecond,
}: StoreTested): string {
  const seen = isPublic === null ? '' : ` ${t(isPublic ? 'publishing.public' : 'publishing.private')}`;
  const [sent, received] = [sentBytesPerSecond, receivedBytesPerSecond].map((bytes) =>
    formatBytes(Math.round(bytes)),
  ) as [string, string];
  return `${t('publishing.works', { place, sent, received })}${seen}`;
}

const DAY_S = 86_400;

const what = ({ kind, round }: Pick<UploadEnd, 'kind' | 'round'>): string =>
  t(`publishing.${kind}`, { round: formatCount(round) });

/** What is done just now, in sentences; beside it what keeps it waiting. */
export function publishingNow(
  { current, isHeld, uploads }: PublishingView,
  nowMs: number,
): readonly string[] {
  if (!current) return [t(uploads.length === 0 ? 'publishing.noneYet' : 'publishing.quiet')];
  const { phase, place, doneBytes, allBytes, waits } = current;
  const done = phase === 'receiving' ? 'checking' : phase;
  const now = t(`publishing.${done}`, {
    ...{ place, what: what(current) },
    ...{ done: formatBytes(doneBytes), all: formatBytes(allBytes) },
  });
  return [
    capitalised(now),
    ...(waits
      ? [t(`publishing.waits.${waits.reason}`, { place, time: formatComing(waits.untilMs, nowMs) })]
      : []),
    ...(isHeld ? [t('publishing.held')] : []),
  ];
}

/** What of a state came of it, and what that cost. */
export function uploadSentence(upload: UploadEnd): string {
  const { place, atMs, sentBytes, foundBytes, durationMs } = upload;
  const time = formatMoment(atMs);
  if (sentBytes === null || durationMs === null) {
    const why = whyNot(upload);
    return why === null
      ? t('publishing.failed', { time, place })
      : t('publishing.failedFor', { time, place, why });
  }
  const said = { time, place, sent: formatBytes(sentBytes), duration: formatDuration(durationMs) };
  return foundBytes
    ? t('publishing.sentFound', { ...said, found: formatBytes(foundBytes) })
    : t('publishing.sent', said);
}

/** null of one of before its reason was kept whole. */
const whyNot = ({ code, params }: UploadEnd): string | null =>
  code !== null && params !== null && isErrorCode(code) ? describeError({ code, params }).sentence : null;

export const uploadTitle = (upload: Pick<UploadEnd, 'kind' | 'round'>): string => capitalised(what(upload));

/** What publishing takes of the uplink, as networks are measured. */
export const uplinkSentence = (sentDayBytes: number): string =>
  t('publishing.uplinkUsed', { sent: formatBytes(sentDayBytes), rate: formatMbit(sentDayBytes / DAY_S) });

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
