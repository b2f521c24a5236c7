import type { WorkRecord } from '../../../src-shared/spool.ts';
import { train } from './loop.ts';
import type { Trainer } from './trainer.ts';
import { workRecord } from './work-record.ts';

/** Where contributions come from. The process around it is the same for all of them. */
export interface Labour {
  /** Works until the signal aborts. */
  run(trainer: Trainer, stop: AbortSignal): Promise<void>;
  /**
   * Closes the round's work record; what is trained from here on belongs to the next delta. Holds the engine's turn:
   * the local weights are what the contribution is made of.
   */
  close(trainer: Trainer, round: number, medianNorm: number | null): Promise<WorkRecord>;
}

export const honestLabour: Labour = {
  run: train,
  async close({ local, hotkey }, round) {
    const open = local.progress.round?.round === round ? local.progress.round : null;
    if (open) local.progress = { ...local.progress, round: { ...open, isClosed: true } };
    return workRecord(round, hotkey, open);
  },
};

/** A validator's: it recomputes and evaluates when asked, and takes no inner steps. */
export const noLabour: Labour = {
  run: async () => {},
  close: async ({ hotkey }, round) => workRecord(round, hotkey, null),
};
