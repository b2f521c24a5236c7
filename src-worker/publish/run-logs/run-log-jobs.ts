import type { CallHandlers } from '../../../src-shared/contract/child.ts';
import type { RunLogTarget, RunLogTold, runLogCalls } from '../../../src-shared/contract/publish/run-logs.ts';
import type { PublishContract } from '../../../src-shared/contract/publish.ts';
import type { RunLogRow } from '../../../src-shared/run-logs/row.ts';
import type { PublishGround } from '../ground.ts';
import { keepSinks } from './sinks.ts';
import { defaultEntity } from './wandb/queries.ts';

export interface RunLogJobs {
  readonly jobs: Pick<CallHandlers<PublishContract>, keyof typeof runLogCalls>;
  /** Closes the files that are open. */
  stop(): Promise<void>;
}

/** Bytes of a row on its way, about. */
const ROW_BYTES = 300;

/** The jobs that tell runs to other programs. */
export function runLogJobs({ jobs, pace, notice }: PublishGround): RunLogJobs {
  const sinks = keepSinks(notice);

  async function tell(
    target: RunLogTarget,
    { afterSeq, rows }: { readonly afterSeq: number; readonly rows: readonly RunLogRow[] },
    signal: AbortSignal,
  ): Promise<RunLogTold> {
    try {
      const sink = await sinks.open(target, signal);
      if (afterSeq <= sink.lastSeq) {
        if (target.kind === 'wandb') await pace.take(ROW_BYTES * rows.length, signal);
        await sink.append(target, rows, signal);
      }
      return { lastSeq: sink.lastSeq, place: sink.place, isStopped: sink.isStopped };
    } catch (thrown) {
      // What was on its way may have been taken or not: who is asked next is asked first how far it is.
      await sinks.forget(target).catch(() => undefined);
      throw thrown;
    }
  }

  async function finish(target: RunLogTarget, signal: AbortSignal): Promise<undefined> {
    try {
      await sinks.opened(target)?.finish(target, signal);
    } finally {
      await sinks.forget(target);
    }
  }

  return {
    jobs: {
      'log.tell': ({ job, target, ...batch }, signal) =>
        jobs.run(job, signal, (life) => tell(target, batch, life)),
      'log.finish': ({ job, target }, signal) => jobs.run(job, signal, (life) => finish(target, life)),
      'log.test': ({ job, access }, signal) =>
        jobs.run(job, signal, async (life) => ({ entity: await defaultEntity(access, life) })),
    },
    stop: () => sinks.closeAll(),
  };
}
