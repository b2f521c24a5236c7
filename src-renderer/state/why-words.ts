import type { RoundReason, RoundSummary, RunFacts } from '../../src-shared/contract/page/runs.ts';
import { describeError, isErrorCode } from '../../src-shared/errors/app-error.ts';
import type { KeptWhy, WorkFault } from '../../src-shared/scoring/why.ts';
import { formatCount, formatMbit } from '../i18n/format.ts';
import { coded, t } from '../i18n/t.ts';

/** The sentence of a reason; rates in Mbit/s like everywhere else on the page. */
export function whySentence({ code, params }: KeptWhy): string {
  const { bytesPerS, sequences, reason, returnedPercent } = params;
  const words: Record<string, string | number> = { ...params };
  if (typeof bytesPerS === 'number') words.rate = `${formatMbit(bytesPerS)} ${t('unit.mbit')}`;
  if (typeof sequences === 'number') words.sequences = formatCount(sequences);
  if (typeof reason === 'string') words.reason = t(`fault.${reason as WorkFault}`);
  const sentence = coded(`why.${code}`, words);
  return returnedPercent === undefined
    ? sentence
    : `${sentence} ${t('why.returned', { percent: returnedPercent })}`;
}

/** Whether a round was averaged without this member. A validator has nothing to average, so it misses nothing. */
export const wasWithout = (
  { outcome, contributed }: Pick<RoundSummary, 'outcome' | 'contributed'>,
  role: RunFacts['role'],
): boolean => outcome === 'committed' && !contributed && role !== 'validator';

/** Why a round came to nothing, or went by without this member; what is not known says so. */
export function reasonSentence(reason: RoundReason | null): string {
  if (!reason) return t('reason.unknown');
  const { error } = reason.params;
  const fault = isErrorCode(error)
    ? describeError({ code: error, params: reason.params }).sentence
    : t('reason.unknown');
  return coded(`reason.${reason.code}`, { ...reason.params, fault });
}

/** What to do about it, or what happens by itself; null where it is not known why. */
export function nextStep(reason: RoundReason | null): string | null {
  if (!reason) return null;
  const { error } = reason.params;
  return isErrorCode(error)
    ? describeError({ code: error, params: reason.params }).action
    : t(`next.${reason.code}`);
}
