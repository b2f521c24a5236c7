import type { CallHandlers } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { adopt } from '../state/adopt.ts';
import { contribute, contributed } from '../state/contribute.ts';
import { prepare } from '../state/prepare.ts';
import { openedRound } from '../state/progress.ts';
import { whenThereIsRoom } from '../state/room.ts';
import { settle } from '../state/settle.ts';
import { effect } from './effect.ts';
import { evaluate } from './evaluate.ts';
import type { Labour } from './labour.ts';
import { loopActivity } from './loop.ts';
import { recompute } from './recompute.ts';
import { sample } from './sample.ts';
import { assignmentIn, rememberOpening, type Trainer } from './trainer.ts';

/**
 * What the host may ask. Whatever touches the local weights takes a turn on the engine, so it waits for one step. On a
 * full disk it waits for room and takes its turn anew: training goes on in between.
 */
export function trainCalls(trainer: Trainer, labour: Labour): CallHandlers<TrainContract> {
  const { turns, replica, activity } = trainer;
  const alone = <T>(
    work: 'contributing' | 'settling' | 'loading',
    signal: AbortSignal,
    act: () => Promise<T>,
  ): Promise<T> =>
    whenThereIsRoom(() => {
      // It writes one of its own, and a whole group may be waiting.
      replica.giveUpSnapshot?.();
      return turns.take(() => activity.during(work, act), signal);
    }, signal);
  return {
    async setActive({ active }) {
      trainer.isActive = active;
      say(trainer);
      return undefined;
    },
    async setShare({ share }) {
      trainer.throttle.share = share;
      return undefined;
    },
    openRound: ({ round, blockHash }, signal) =>
      turns.take(async () => openRound(trainer, round, blockHash), signal),
    contribute: (asked, signal) =>
      alone('contributing', signal, async () => {
        const before = await contributed(replica, asked);
        if (before) return before;
        return contribute(replica, asked, await labour.close(trainer, asked.round, asked.medianNorm));
      }),
    prepare: (asked, signal) =>
      whenThereIsRoom(() => first(trainer, () => prepare(replica, asked, signal)), signal),
    settle: (asked, signal) => alone('settling', signal, () => settle(replica, asked)),
    adopt: (asked, signal) =>
      alone('loading', signal, async () => {
        const standing = await adopt(replica, asked);
        standAnew(trainer);
        return standing;
      }),
    recompute: (asked, signal) => activity.during('checking', () => recompute(trainer, asked, signal)),
    effect: (asked, signal) => activity.during('checking', () => effect(trainer, asked, signal)),
    sample: (asked, signal) => sample(trainer, asked, signal),
    evaluate: (asked, signal) => activity.during('evaluating', () => evaluate(trainer, asked, signal)),
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
  say(trainer);
}

/**
 * The whole group waits for `work`, which needs no engine: it begins at once, and nothing on the engine begins beside
 * it. A busy machine would take many times as long for both.
 */
async function first<T>(trainer: Trainer, work: () => Promise<T>): Promise<T> {
  trainer.urgent += 1;
  try {
    return await work();
  } finally {
    trainer.urgent -= 1;
    trainer.gate.changed();
  }
}

/** Something that the loop and its listeners depend on is different now. */
function say(trainer: Trainer): void {
  trainer.gate.changed();
  trainer.activity.loop(loopActivity(trainer));
  trainer.activity.repeat();
  trainer.corpus.repeatState?.();
}

/** An open round stands on the base that has just been loaded: what its first steps are checked at. */
function standAnew(trainer: Trainer): void {
  const open = trainer.local.progress.round;
  if (open && open.round > trainer.replica.current.standing.round) rememberOpening(trainer, open.round);
}
