import type { Fraud } from '../../src-shared/audit/fraud.ts';
import type { Checks } from '../../src-shared/scoring/checks.ts';
import { type Draws, honestyOf } from '../../src-shared/scoring/honesty.ts';
import { type Why, why } from '../../src-shared/scoring/why.ts';
import type { Look } from './effect-check.ts';
import type { Measured } from './evidence.ts';
import type { ScoreEntry } from './score-book.ts';

/** The wrong result that somebody was proven to have signed. */
export type Proven = Pick<Fraud, 'round' | 'chunk'>;

/** What is known of one hotkey's honesty. */
export interface HonestyKnown {
  readonly proven: Proven | undefined;
  readonly draws: Draws;
  /** The newest look at it, where there was one since it was last scored. */
  readonly look: Look | undefined;
}

/**
 * One upheld proof is enough, for the rest of the run, also when nobody tells of it any more. Else what looks at its
 * contributions showed.
 */
export function honestyTerm(
  { proven, draws, look }: HonestyKnown,
  known: ScoreEntry | undefined,
  checks: Checks,
): Record<string, Measured> {
  if (proven) {
    const { round, chunk } = proven;
    return { honesty: { value: 0, why: why('fraud-proven', { round, chunk }) } };
  }
  if (known?.terms.honesty?.why.code === 'fraud-proven') return {};
  const detail = { draws: draws.map((helped) => (helped ? 1 : 0)).join(''), look: look?.detail };
  return { honesty: { value: honestyOf(draws, checks), why: reasonOf(draws, look, checks), detail } };
}

function reasonOf(draws: Draws, look: Look | undefined, { leastDraws, draws: kept }: Checks): Why {
  const counting = draws.slice(-kept);
  const params = { helped: counting.filter(Boolean).length, count: counting.length };
  if (look && look.outcome !== 'helps') return why(look.why.code, { ...look.why.params, ...params });
  if (params.count < leastDraws) return why('looked-at-too-rarely', { ...params, needed: leastDraws });
  return why('helps-its-own-text', params);
}
