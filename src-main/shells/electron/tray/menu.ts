import type { View } from '../../../../src-shared/contract/page/sections.ts';
import { minutesOf, type PauseSpan, pauseSpans, TOMORROW_HOUR } from '../../../../src-shared/rules/pauses.ts';
import { trayState } from './state.ts';

/** What a person asks for in the tray. */
export type TrayAct = { readonly kind: 'open' } | { readonly kind: 'quit' } | WorkAct;

/** The same, of what concerns runs. */
export type WorkAct =
  | { readonly kind: 'resume' | 'stop-after-round' | 'keep-running' }
  /** Counted when it is chosen; null: until resumed. */
  | { readonly kind: 'pause'; readonly span: PauseSpan | null }
  /** Works whatever the rules of the house say. */
  | { readonly kind: 'work-anyway'; readonly span: PauseSpan };

export type TrayLine =
  | { readonly kind: 'line' }
  /** Nothing to choose. */
  | { readonly kind: 'text'; readonly label: string }
  | { readonly kind: 'choice'; readonly label: string; readonly act: TrayAct }
  | { readonly kind: 'menu'; readonly label: string; readonly lines: readonly TrayLine[] };

const line: TrayLine = { kind: 'line' };
const choice = (label: string, act: TrayAct): TrayLine => ({ kind: 'choice', label, act });
const spanWords: Readonly<Record<PauseSpan, string>> = {
  15: 'For 15 minutes',
  60: 'For 1 hour',
  180: 'For 3 hours',
  tomorrow: `Until tomorrow, ${TOMORROW_HOUR}:00`,
};

const pauses: TrayLine = {
  kind: 'menu',
  label: 'Pause',
  lines: [
    ...pauseSpans.map((span) => choice(spanWords[span], { kind: 'pause', span })),
    choice('Until I resume', { kind: 'pause', span: null }),
  ],
};

const anyway: TrayLine = {
  kind: 'menu',
  label: 'Work anyway',
  lines: pauseSpans.map((span) => choice(spanWords[span], { kind: 'work-anyway', span })),
};

type Runs = View['runs'];

/** The menu of the tray: where things stand, and what can be done about it now. */
export function trayMenu(runs: Runs, nowMs: number): readonly TrayLine[] {
  const { sentence, reason } = trayState(runs, nowMs);
  const told = [sentence, ...(reason ? [reason] : [])].map((label): TrayLine => ({ kind: 'text', label }));
  const work = workLines(runs);
  return [
    ...told,
    line,
    choice('Open Butterfly', { kind: 'open' }),
    ...(work.length > 0 ? [line, ...work] : []),
    line,
    choice('Quit', { kind: 'quit' }),
  ];
}

function workLines(runs: Runs): TrayLine[] {
  const lines: TrayLine[] = [];
  if (pausable(runs).length > 0) lines.push(pauses);
  if (resumable(runs).length > 0) lines.push(choice('Resume', { kind: 'resume' }));
  if (heldByRules(runs).length > 0) lines.push(anyway);
  if (endable(runs).length > 0) lines.push(choice('Stop after this round', { kind: 'stop-after-round' }));
  if (ending(runs).length > 0) lines.push(choice('Keep running after this round', { kind: 'keep-running' }));
  return lines;
}

type RunIds = readonly string[];
const idsOf = (runs: Runs, holds: (run: Runs[string]) => boolean): RunIds =>
  Object.entries(runs).flatMap(([id, run]) => (holds(run) ? [id] : []));

const canRest: ReadonlySet<string> = new Set(['training', 'averaging', 'waiting', 'degraded']);

/** Runs that a pause would let rest. */
export const pausable = (runs: Runs): RunIds =>
  idsOf(runs, ({ facts, worker }) => facts.controls.includes('pause') && canRest.has(worker.kind));

/** Runs that a person let rest, and can wake. */
export const resumable = (runs: Runs): RunIds =>
  idsOf(
    runs,
    ({ facts, worker }) =>
      facts.controls.includes('pause') && worker.kind === 'paused' && worker.reason === 'user',
  );

/** Runs that rest by a rule which can be set aside; nothing works on a computer that goes to sleep. */
const heldByRules = (runs: Runs): RunIds =>
  idsOf(
    runs,
    ({ worker }) => worker.kind === 'paused' && worker.reason !== 'user' && worker.reason !== 'suspended',
  );

/** Runs in a round that would settle before they stop. */
export const endable = (runs: Runs): RunIds =>
  idsOf(
    runs,
    ({ facts, worker, round, stopsAfterRound }) =>
      facts.controls.includes('stop') &&
      worker.kind !== 'paused' &&
      stopsAfterRound === null &&
      round !== null &&
      round.round >= 0,
  );

/** Runs that stop after their round, and may still go on. */
export const ending = (runs: Runs): RunIds => idsOf(runs, ({ stopsAfterRound }) => stopsAfterRound !== null);

/** Minutes of a span that is chosen now; null: until resumed. */
export const minutesNow = (span: PauseSpan | null, nowMs: number): number | null =>
  span === null ? null : minutesOf(span, nowMs);
