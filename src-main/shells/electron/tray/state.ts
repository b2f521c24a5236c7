import type { RunView, View } from '../../../../src-shared/contract/page/sections.ts';
import { type CodedError, describeError } from '../../../../src-shared/errors/app-error.ts';
import { restSentence } from '../../../../src-shared/rules/words.ts';
import type { WaitReason, WorkerState } from '../../../../src-shared/states.ts';

/** What the tray can show without words: one picture each. */
export const trayGlyphs = ['training', 'paused', 'waiting', 'trouble'] as const;
export type TrayGlyph = (typeof trayGlyphs)[number];

/** The state of this computer in a sentence, and why it is so where that needs saying. */
export interface TrayState {
  readonly glyph: TrayGlyph;
  readonly sentence: string;
  readonly reason: string | null;
}

type Runs = Pick<View, 'runs'>['runs'];
type Of<Kind extends WorkerState['kind']> = Extract<WorkerState, { kind: Kind }>;

const waits: Readonly<Record<WaitReason, string>> = {
  chain: 'Waiting for the chain',
  registration: 'Waiting for a place on the subnet',
  'start-block': 'Waiting for the run to begin',
  peers: 'Waiting for peers',
  state: 'Loading the model from peers',
};

/** With several runs, what a person has to see first stands for all: trouble, then work, then what waits. */
const order: readonly WorkerState['kind'][] = [
  'failed',
  'blocked',
  'degraded',
  'averaging',
  'training',
  'stopping',
  'preparing',
  'waiting',
  'paused',
  'idle',
];

/**
 * What the tray says of all runs together.
 * @param nowMs wall clock, by which a pause that ends by itself is counted down
 */
export function trayState(runs: Runs, nowMs: number): TrayState {
  const all = Object.values(runs);
  const worst = all.toSorted((a, b) => order.indexOf(a.worker.kind) - order.indexOf(b.worker.kind))[0];
  if (!worst) return { glyph: 'waiting', sentence: 'Nothing is running.', reason: null };
  const state = stateOf(worst, nowMs);
  if (all.length === 1) return state;
  return { ...state, sentence: `${state.sentence} (${all.length} runs)` };
}

function stateOf(run: RunView, nowMs: number): TrayState {
  const { worker } = run;
  switch (worker.kind) {
    case 'training':
    case 'averaging':
      return { glyph: 'training', sentence: atWork(run), reason: null };
    case 'paused':
      return {
        glyph: 'paused',
        sentence: restsUntil(worker, nowMs),
        reason: restSentence(worker, clockTime),
      };
    case 'waiting':
      return {
        glyph: 'waiting',
        sentence: waits[worker.for],
        reason: worker.error ? sentenceOf(worker.error) : null,
      };
    case 'degraded':
      return { glyph: 'training', sentence: 'Working, with a limit', reason: sentenceOf(worker.error) };
    case 'blocked':
      return { glyph: 'trouble', sentence: 'Something needs you', reason: sentenceOf(worker.error) };
    case 'failed':
      return { glyph: 'trouble', sentence: 'Stopped by a fault', reason: sentenceOf(worker.error) };
    case 'preparing':
      return { glyph: 'waiting', sentence: 'Getting ready', reason: null };
    case 'stopping':
      return { glyph: 'waiting', sentence: 'Stopping: what was learned is saved', reason: null };
    case 'idle':
      return { glyph: 'waiting', sentence: 'Nothing is running.', reason: null };
  }
}

function atWork({ worker, round }: RunView): string {
  const what = worker.kind === 'averaging' ? 'Averaging with the others' : 'Training';
  return round && round.round >= 0 ? `${what}, round ${round.round}` : what;
}

function restsUntil({ reason, untilMs }: Of<'paused'>, nowMs: number): string {
  if (untilMs === null) return reason === 'user' ? 'Paused until you resume' : 'Paused';
  const minutes = Math.max(1, Math.ceil((untilMs - nowMs) / 60_000));
  const left = minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return `Paused until ${clockTime(untilMs)}, ${left} left`;
}

const clockTime = (ms: number): string => new Date(ms).toTimeString().slice(0, 5);

const sentenceOf = (error: CodedError): string => describeError(error).sentence;
