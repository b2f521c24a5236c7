import type { ErrorCode } from '../../../src-shared/errors/catalogue.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { Engine } from '../engine/engine.ts';
import type { Throttle } from '../engine/throttle.ts';
import { REMEMBERED_OPENINGS } from '../limits.ts';
import type { EmbeddedCorpus } from '../pages/corpus.ts';
import type { PageSource, SpareSource } from '../pages/page-source.ts';
import type { Current } from '../state/current.ts';
import type { Told } from '../state/disk.ts';
import type { Cursor } from '../state/progress.ts';
import type { Replica } from '../state/replica.ts';
import type { Turns } from '../turns.ts';
import type { VectorSource } from '../vector-source.ts';
import type { ActivityReport } from './activity.ts';
import { type Assigned, type Assignment, assignmentOf } from './assignment.ts';
import type { EngineLocal } from './engine-local.ts';
import type { Gate } from './gate.ts';
import type { StepReport } from './step-report.ts';

export type Corpus = PageSource & Pick<EmbeddedCorpus, 'heldOut'> & Partial<SpareSource>;

/** The base on which a round opened: what its first steps were taken at. A base of before lies on the disk alone. */
export interface Opening {
  readonly round: number;
  readonly standing: Current['standing'];
  /** Once somebody asked for it after it had become one of before, and it was found to be whole. */
  base: VectorSource | null;
}

/** Everything of one `train` process; calls and loop share it and take turns on the engine. */
export interface Trainer {
  readonly consensus: Consensus;
  readonly profileHash: Hex;
  readonly hotkey: string;
  readonly corpus: Corpus;
  readonly engine: Engine;
  readonly throttle: Throttle;
  /** Taken before the replica's books, never after. */
  readonly turns: Turns;
  readonly local: EngineLocal;
  readonly replica: Replica;
  readonly gate: Gate;
  readonly report: StepReport;
  readonly activity: ActivityReport;
  readonly told: Told;
  /** Whether the user lets training run. */
  isActive: boolean;
  /** Calls for which the engine makes way: no inner step and no check begins while there is one. */
  urgent: number;
  /** The pages of the open round; null until one opened in this process. */
  assignment: Assignment | null;
  /** Where training on text that nobody assigned goes on: a page of the rotation, a sequence in it. */
  spareCursor: Cursor;
  /** Text of this assignment could not be had, and is not asked for before then (monotonic clock). */
  faultyText: { readonly assignment: Assignment; readonly code: ErrorCode; readonly untilMs: number } | null;
  /** Where each of the last rounds opened, newest last. */
  openings: readonly Opening[];
}

export const assignmentIn = (
  { corpus, consensus, profileHash }: Trainer,
  of: Omit<Assigned, 'profileHash'>,
): Assignment => assignmentOf(corpus, consensus.model.context, { ...of, profileHash });

/** A turn on the engine for work that can wait: it makes way for what a whole group waits for. */
export async function takeTurn<T>(trainer: Trainer, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    await trainer.gate.until(() => trainer.urgent === 0, signal);
    // The turn may have been long in coming.
    const done = await trainer.turns.take(
      async () => (trainer.urgent > 0 ? null : { value: await work() }),
      signal,
    );
    if (done) return done.value;
  }
}

export function rememberOpening(trainer: Trainer, round: number): void {
  const others = trainer.openings.filter((opening) => opening.round !== round);
  const { standing } = trainer.replica.current;
  trainer.openings = [...others, { round, standing, base: null }].slice(-REMEMBERED_OPENINGS);
}
