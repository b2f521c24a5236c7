import type { ScoreModel } from '../profile/schema.ts';

/** What was measured of one hotkey, by term of the model; null, or no number, where nobody could measure it. */
export type MeasuredTerms = Readonly<Record<string, number | null>>;

/** These decide whether there is work at all: unmeasured counts as 0, never as absent. */
const NEVER_LEFT_OUT: ReadonlySet<string> = new Set(['identity', 'gradient']);

/**
 * score = product of the gates * sum(weight * part) / sum(weights of the parts that were measured).
 * A gate or part that nobody could measure is left out and the other parts rescaled; absent is not present, so a
 * model whose parts are all unmeasured yields null.
 */
export function scoreOf(model: ScoreModel, terms: MeasuredTerms): number | null {
  let gate = 1;
  for (const id of model.gates) gate *= measured(terms, id) ?? 1;
  if (gate === 0) return 0;
  let sum = 0;
  let weights = 0;
  for (const { term, weight } of model.parts) {
    const value = measured(terms, term);
    if (value === null) continue;
    sum += weight * value;
    weights += weight;
  }
  return weights === 0 ? null : (gate * sum) / weights;
}

function measured(terms: MeasuredTerms, id: string): number | null {
  const value = terms[id] ?? null;
  // No number is no measurement: one of them would spoil the average for good.
  if (value !== null && Number.isFinite(value)) return value;
  return NEVER_LEFT_OUT.has(id) ? 0 : null;
}
