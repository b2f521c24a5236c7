import type { StoreTested } from '../../src-shared/contract/page/publishing.ts';
import { formatBytes } from '../i18n/format.ts';
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
