import { AXES, type Metrics, metricsOf } from '../../../../src-shared/run-logs/metrics.ts';
import type { RunLogRow } from '../../../../src-shared/run-logs/row.ts';

/** What numbers and times of a run's lines count from. */
export interface LineOrigin {
  readonly hotkey: string;
  readonly startedMs: number;
  /** `_step` of the row with number 0. */
  readonly baseStep: number;
}

export type HistoryLine = Metrics & { readonly _step: number };

/** A line of the history. `_step` grows with each line, as the server demands; rounds and steps have axes of their own. */
export const lineOf = (row: RunLogRow, { hotkey, startedMs, baseStep }: LineOrigin): HistoryLine => ({
  _step: baseStep + row.seq,
  _timestamp: row.atMs / 1_000,
  _runtime: Math.max(0, row.atMs - startedMs) / 1_000,
  ...metricsOf(row, hotkey),
});

/**
 * The axes as a run's configuration names them: a list of metrics by numbers of fields (`MetricRecord` of wandb's
 * protocol: 1 name, 5 the axis by its place in this list from 1 on, 6 options: 1 carried in the same line, 3 declared).
 */
export function metricDeclarations(): readonly Readonly<Record<string, unknown>>[] {
  const declared: Readonly<Record<string, unknown>>[] = [];
  for (const [axis, names] of Object.entries(AXES)) {
    declared.push({ 1: axis, 6: [3] });
    const place = declared.length;
    for (const name of names) declared.push({ 1: name, 5: place, 6: [1, 3] });
  }
  return declared;
}
