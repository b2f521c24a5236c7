import type { ScoreCard } from '../../src-shared/contract/page/runs.ts';
import type { Consensus, ScoreModel } from '../../src-shared/profile/schema.ts';
import { moveAverage } from '../../src-shared/scoring/moving-average.ts';
import { scoreOf } from '../../src-shared/scoring/score-model.ts';
import { chainWeights } from '../../src-shared/scoring/weights.ts';
import { type Why, why } from '../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Measured } from './evidence.ts';

/** What a validator remembers of a hotkey between rounds. */
export interface ScoreEntry {
  readonly hotkey: Ss58;
  /** As it was last seen; null: it is registered no more. */
  readonly uid: number | null;
  readonly total: number | null;
  readonly average: number | null;
  /** Why the last round counted nothing for it; null where it had work in it. */
  readonly absence: Why | null;
  readonly terms: Readonly<Record<string, { readonly value: number | null; readonly why: Why }>>;
  /** The last round in which it was ready, and the last in which its rate was measured by challenge. */
  readonly readyRound: number;
  readonly challengedRound: number | null;
  /** The newest blocks by which it was seen at work, and its work was checked; null: never, or not kept by then. */
  readonly workedBlock: number | null;
  readonly checkedBlock: number | null;
}

export type ScoreBook = ReadonlyMap<Ss58, ScoreEntry>;

/** What a round showed of one hotkey. A term that is missing here was not measured and keeps its last value. */
export interface RoundScore {
  readonly hotkey: Ss58;
  readonly uid: number | null;
  /** It had no work in this round, and has a score of 0 for that; what was measured of it before stays. */
  readonly absence: Why | null;
  /** False: nothing of this round concerns it, so neither total nor average move. */
  readonly scored: boolean;
  readonly ready: boolean;
  readonly challenged: boolean;
  readonly terms: Readonly<Record<string, Measured>>;
}

/** The round, and the newest final block by then. */
export interface ScoredAt {
  readonly round: number;
  readonly block: number;
}

/**
 * Takes a round's measurements in, by hotkey: whoever takes over a uid begins at 0, and whoever holds another one by now
 * keeps what it has. Of whom a round says nothing at all is forgotten.
 */
export function scoreRound(
  book: ScoreBook,
  consensus: Consensus,
  at: ScoredAt,
  scores: readonly RoundScore[],
): ScoreBook {
  return new Map(
    scores.map((score) => [
      score.hotkey,
      entryAfter(book.get(score.hotkey), consensus.scoreModel, at, score),
    ]),
  );
}

function entryAfter(
  before: ScoreEntry | undefined,
  scoreModel: ScoreModel,
  { round, block }: ScoredAt,
  score: RoundScore,
): ScoreEntry {
  const terms = { ...before?.terms };
  for (const [id, measured] of Object.entries(score.terms)) {
    if (measured.value === null && terms[id]) continue;
    terms[id] = { value: measured.value, why: measured.why };
  }
  const total = score.scored ? totalOf(scoreModel, terms, score.absence) : null;
  // What was earned before a lie was found is not averaged over it.
  const isLiar = names(scoreModel, 'honesty') && terms.honesty?.why.code === 'fraud-proven';
  return {
    hotkey: score.hotkey,
    uid: score.uid,
    total: total ?? before?.total ?? null,
    average: isLiar ? 0 : moveAverage(before?.average ?? null, total, scoreModel.movingAverage),
    absence: score.scored ? score.absence : (before?.absence ?? null),
    terms,
    readyRound: score.ready ? round : (before?.readyRound ?? round),
    challengedRound: score.challenged ? round : (before?.challengedRound ?? null),
    workedBlock: score.ready ? block : (before?.workedBlock ?? null),
    checkedBlock: isChecked(score) ? block : (before?.checkedBlock ?? null),
  };
}

const isChecked = ({ terms }: RoundScore): boolean => (terms.gradient?.value ?? null) !== null;

const names = ({ terms }: ScoreModel, id: string): boolean => terms.some((term) => term.id === id);

function totalOf(model: ScoreModel, terms: ScoreEntry['terms'], absence: Why | null): number | null {
  if (absence) return 0;
  return scoreOf(model, Object.fromEntries(Object.entries(terms).map(([id, { value }]) => [id, value])));
}

/** As the page draws them; a term of the model that was never measured stands there as unknown. */
export function cardsOf(book: ScoreBook, consensus: Consensus): readonly ScoreCard[] {
  const entries = [...book.values()].flatMap((entry) =>
    entry.uid === null ? [] : [{ ...entry, uid: entry.uid }],
  );
  const weights = chainWeights(entries);
  const sum = weights.reduce((total, { weight }) => total + weight, 0);
  const shares = new Map(weights.map(({ uid, weight }) => [uid, weight / sum]));
  return entries
    .sort((a, b) => a.uid - b.uid)
    .map((entry) => ({
      hotkey: entry.hotkey,
      uid: entry.uid,
      total: entry.total,
      average: entry.average,
      weightShare: entry.average === null ? null : (shares.get(entry.uid) ?? 0),
      terms: shownTerms(entry, consensus.scoreModel),
    }));
}

/** Of a round without work every part is 0, for that reason: so the total follows from what is shown. */
export function shownTerms(
  { terms, absence }: Pick<ScoreEntry, 'terms' | 'absence'>,
  model: ScoreModel,
): ScoreCard['terms'] {
  const parts = new Set(model.parts.map(({ term }) => term));
  return Object.fromEntries(
    model.terms.map(({ id }) => {
      if (absence && parts.has(id)) return [id, { value: 0, why: absence }];
      return [id, terms[id] ?? { value: null, why: why('not-measured') }];
    }),
  );
}
