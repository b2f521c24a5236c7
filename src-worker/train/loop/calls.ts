import type { CallHandlers } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { adopt } from '../state/adopt.ts';
import { contribute, contributed } from '../state/contribute.ts';
import { prepare } from '../state/prepare.ts';
import { openedRound } from '../state/progress.ts';
import { settle } from '../state/settle.ts';
import { evaluate } from './evaluate.ts';
import type { Labour } from './labour.ts';
import { recompute } from './recompute.ts';
import { assignmentIn, rememberOpening, type Trainer } from './trainer.ts';

/** What the host may ask. Whatever touches the local weights takes a turn on the engine, so it waits for one step. */
export function trainCalls(trainer: Trainer, labour: Labour): CallHandlers<TrainContract> {
  const { turns, replica } = trainer;
  return {
    async setActive({ active }) {
      trainer.isActive = active;
      trainer.gate.changed();
      return undefined;
    },
    openRound: ({ round, blockHash }, signal) =>
      turns.take(async () => openRound(trainer, round, blockHash), signal),
    contribute: (asked, signal) =>
      turns.take(async () => {
        const before = await contributed(replica, asked);
        if (before) return before;
        return contribute(replica, asked, await labour.close(trainer, asked.round, asked.medianNorm));
      }, signal),
    // The outer step needs no engine: training goes on beside it.
    prepare: (asked, signal) => prepare(replica, asked, signal),
    settle: (asked, signal) => turns.take(() => settle(replica, asked), signal),
    adopt: (asked, signal) => turns.take(() => adopt(replica, asked), signal),
    recompute: (asked, signal) => recompute(trainer, asked, signal),
    evaluate: (asked, signal) => evaluate(trainer, asked, signal),
  };
}

/** Asked again for the round that is open, training goes on where it was, after a restart too. */
function openRound(trainer: Trainer, round: number, blockHash: Hex): undefined {
  const { local } = trainer;
  const before = local.progress.round;
  if (before && round < before.round)
    throw new AppError('NOT_NOW', { what: `Opening round ${round}`, state: `round ${before.round}` });
  if (before?.round !== round || before.blockHash !== blockHash)
    local.progress = { ...local.progress, round: openedRound(round, blockHash) };
  rememberOpening(trainer, round);
  trainer.assignment = assignmentIn(trainer, { round, blockHash, hotkey: trainer.hotkey });
  trainer.gate.changed();
}
