import type { ModelCheck, ModelLosses, PublishedModel } from '../../src-shared/contract/page/models.ts';
import type { TimePoint } from '../charts/line-path.ts';
import { formatCount, formatDecimal, shortAddress } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';

export const formatLoss = (loss: number): string => formatDecimal(loss, 3);

type OfRun = Pick<PublishedModel, 'runName' | 'round'>;

/** A model as one calls it. */
export const modelName = ({ runName: run, round }: OfRun): string =>
  round < 0 ? t('models.of.start', { run }) : t('models.of', { run, round: formatCount(round) });

export const roundWords = (round: number): string =>
  round < 0 ? t('models.loss.start') : t('models.loss.afterRound', { round: formatCount(round) });

export const roundTick = (round: number): string =>
  round < 0 ? t('models.start') : t('models.loss.round', { round: formatCount(round) });

/** The line of losses: rounds are as far apart as their numbers, which is all that the chart asks of time. */
export const lossLine = (points: ModelLosses['points']): readonly TimePoint[] =>
  points.map(({ round, loss }) => ({ atMs: round, value: loss }));

export interface LossFigures {
  readonly newest: ModelLosses['points'][number];
  readonly lowest: ModelLosses['points'][number];
  /** Points that only their publisher measured. */
  readonly said: number;
}

/** null without a point. */
export function lossFigures({ points }: Pick<ModelLosses, 'points'>): LossFigures | null {
  const newest = points.at(-1);
  if (!newest) return null;
  const lowest = points.reduce((best, point) => (point.loss < best.loss ? point : best), newest);
  return { newest, lowest, said: points.filter(({ isOwn }) => !isOwn).length };
}

/** What was found, a sentence each, the worst no louder than the others: the headline says whether something is wrong. */
export const checkSentences = (
  { damaged, isSigned, weights, chain }: ModelCheck,
  { hotkey }: Pick<PublishedModel, 'hotkey'>,
): readonly string[] => [
  damaged.length === 0
    ? t('models.check.files.good')
    : t('models.check.files.bad', { names: damaged.join(', ') }),
  t(isSigned ? 'models.check.signed' : 'models.check.unsigned', { hotkey: shortAddress(hotkey) }),
  t(`models.check.weights.${weights}`),
  t(`models.check.chain.${chain}`),
];
