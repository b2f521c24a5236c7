import type { ScoreModel } from '../../src-shared/profile/schema.ts';

/** The model as people write it: "Identity × Gradient × (0.5 Steps + 0.25 Bandwidth + 0.25 All-reduce)". */
export function scoreFormula(model: ScoreModel): string {
  const label = (id: string) => model.terms.find((term) => term.id === id)?.label ?? id;
  const gates = model.gates.map(label);
  const parts = model.parts.map(({ term, weight }) => `${weight} ${label(term)}`);
  const sum = parts.length > 1 ? `(${parts.join(' + ')})` : (parts[0] ?? '');
  return [...gates, sum].filter((factor) => factor !== '').join(' × ');
}
