import type { ScoreCard } from '../../src-shared/contract/page/runs.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { moveAverage } from '../../src-shared/scoring/moving-average.ts';
import { scoreOf } from '../../src-shared/scoring/score-model.ts';
import { chainWeights } from '../../src-shared/scoring/weights.ts';
import { type Why, why } from '../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Measured } from './evidence.ts';

/** What a validator remembers of a hotkey between rounds. */
export interface ScoreEntry {
  readonly hotkey: Ss58;
  readonly uid: number;
  readonly total: number | null;
  readonly average: number | null;
  readonly terms: Readonly<Record<string, { readonly value: number | null; readonly why: Why }>>;
  /** The last round in which it was ready, and the last in which its rate was measured by challenge. */
  readonly readyRound: number;
  readonly challengedRound: number | null;
}

export type ScoreBook = ReadonlyMap<Ss58, ScoreEntry>;

/** What a round showed of one hotkey. A term that is missing here was not measured and keeps its last value. */
export interface RoundScore {
  readonly hotkey: Ss58;
  readonly uid: number;
  /** False: nothing of this round concerns it, so neither total nor average move. */
  readonly scored: boolean;
  readonly ready: boolean;
  readonly challenged: boolean;
  readonly terms: Readonly<Record<string, Measured>>;
}

/** Takes a round's measurements in. Hotkeys that are no longer registered under their uid are forgotten. */
export function scoreRound(
  book: ScoreBook,
  consensus: Consensus,
  round: number,
  scores: readonly RoundScore[],
): ScoreBook {
  return new Map(scores.map((score) => [score.hotkey, entryAfter(book, consensus, round, score)]));
}

function entryAfter(
  book: ScoreBook,
  { scoreModel }: Consensus,
  round: number,
  score: RoundScore,
): ScoreEntry {
  const known = book.get(score.hotkey);
  // A uid that changed hands takes nothing over.
  const before = known?.uid === score.uid ? known : undefined;
  const terms = { ...before?.terms };
  for (const [id, measured] of Object.entries(score.terms)) {
    if (measured.value === null && terms[id]) continue;
    terms[id] = { value: measured.value, why: measured.why };
  }
  const values = Object.fromEntries(Object.entries(terms).map(([id, { value }]) => [id, value]));
  const total = score.scored ? scoreOf(scoreModel, values) : null;
  return {
    hotkey: score.hotkey,
    uid: score.uid,
    total: total ?? before?.total ?? null,
    average: moveAverage(before?.average ?? null, total, scoreModel.movingAverage),
    terms,
    readyRound: score.ready ? round : (before?.readyRound ?? round),
    challengedRound: score.challenged ? round : (before?.challengedRound ?? null),
  };
}

/** As the page draws them; a term of the model that was never measured stands there as unknown. */
export function cardsOf(book: ScoreBook, consensus: Consensus): readonly ScoreCard[] {
  const entries = [...book.values()].sort((a, b) => a.uid - b.uid);
  const weights = chainWeights(entries);
  const sum = weights.reduce((total, { weight }) => total + weight, 0);
  const shares = new Map(weights.map(({ uid, weight }) => [uid, weight / sum]));
  return entries.map(({ hotkey, uid, total, average, terms }) => ({
    hotkey,
    uid,
    total,
    average,
    weightShare: average === null ? null : (shares.get(uid) ?? 0),
    terms: Object.fromEntries(
      consensus.scoreModel.terms.map(({ id }) => [
        id,
        terms[id] ?? { value: null, why: why('not-measured') },
      ]),
    ),
  }));
}
