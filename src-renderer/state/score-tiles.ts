import type { ScoreCard, ScoresView } from '../../src-shared/contract/page/runs.ts';
import { formatCount } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';
import { whySentence } from './why-words.ts';

export interface ScoreTile {
  readonly id: string;
  readonly label: string;
  readonly meaning: string;
  readonly value: number | null;
  /** Places on the bar, whose end is 1: what is above it, as steps may be, fills it. null: nothing to place. */
  readonly share: number | null;
  readonly medianShare: number | null;
  readonly median: number | null;
  /** The validator's sentence; null before it said anything. */
  readonly why: string | null;
}

/**
 * What the score model names, as tiles. Identity-like gates say yes or no and stand apart; the gradient gate is
 * measured like any part, so it gets a tile.
 */
export function scoreTiles(scores: ScoresView): readonly ScoreTile[] {
  return scores.model.terms
    .filter(({ id }) => id === 'gradient' || !scores.model.gates.includes(id))
    .map(({ id, label, meaning }) => tile(scores, id, label, meaning));
}

export function plainGates(scores: ScoresView): readonly ScoreTile[] {
  return scores.model.terms
    .filter(({ id }) => id !== 'gradient' && scores.model.gates.includes(id))
    .map(({ id, label, meaning }) => tile(scores, id, label, meaning));
}

function tile(scores: ScoresView, id: string, label: string, meaning: string): ScoreTile {
  const values = scores.all.map((card) => termValue(card, id)).filter((value) => value !== null);
  const mine = scores.mine ? termValue(scores.mine, id) : null;
  const median = medianOf(values);
  return {
    id,
    label,
    meaning,
    value: mine,
    share: mine === null ? null : clamp(mine),
    median,
    medianShare: median === null ? null : clamp(median),
    why: whyOf(scores.mine, id),
  };
}

const whyOf = (card: ScoreCard | null, id: string): string | null => {
  const why = card?.terms[id]?.why;
  return why ? whySentence(why) : null;
};

const termValue = (card: ScoreCard, id: string): number | null => card.terms[id]?.value ?? null;
const clamp = (share: number): number => Math.min(1, Math.max(0, share));

export function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** What became of the weights that this validator sent last; null for a miner. */
export function weightsText({ weights }: ScoresView): string | null {
  if (!weights) return null;
  return weights.kind === 'set'
    ? t('scores.weightsSet', { block: formatCount(weights.block) })
    : t('scores.weightsCommitted', {
        block: formatCount(weights.block),
        reveal: formatCount(weights.revealBlock),
      });
}

/** My place by moving average among all that have one; null while mine has none. */
export function rankOf(scores: ScoresView): { readonly rank: number; readonly of: number } | null {
  const mine = scores.mine?.average;
  if (mine === null || mine === undefined) return null;
  const averages = scores.all.map(({ average }) => average).filter((average) => average !== null);
  return { rank: 1 + averages.filter((average) => average > mine).length, of: averages.length };
}
