import type { Need } from '../../src-shared/contract/page/validation.ts';
import { formatBytes, formatCount, formatMeasured } from '../i18n/format.ts';
import { coded } from '../i18n/t.ts';

/** Why something that a validator takes is there or not, and what to do. */
export function needSentence({ said: { code, params } }: Need): string {
  const { bytes, freeBytes, checkMs, allMs, roomMs, miners } = params;
  const words: Record<string, string | number> = { ...params };
  if (typeof bytes === 'number') words.bytes = formatBytes(bytes);
  if (typeof freeBytes === 'number') words.free = formatBytes(freeBytes);
  if (typeof checkMs === 'number') words.one = formatMeasured(checkMs);
  if (typeof allMs === 'number') words.all = formatMeasured(allMs);
  if (typeof roomMs === 'number') words.room = formatMeasured(roomMs);
  if (typeof miners === 'number') words.miners = formatCount(miners);
  return coded(`need.${code}`, words);
}
