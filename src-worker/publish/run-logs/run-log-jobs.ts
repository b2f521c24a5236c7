import type { CallHandlers } from '../../../src-shared/contract/child.ts';
import type { RunLogTarget, RunLogTold, runLogCalls } from '../../../src-shared/contract/publish/run-logs.ts';
import type { PublishContract } from '../../../src-shared/contract/publish.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { RunLogRow } from '../../../src-shared/run-logs/row.ts';
import type { PublishGround } from '../ground.ts';
import { TARGETS_MOST } from './limits.ts';
import { openEventFile } from './tensorboard/event-file.ts';
import { defaultEntity } from './wandb/queries.ts';
import { openWandbRun } from './wandb/run.ts';

export interface RunLogJobs {
  readonly jobs: Pick<CallHandlers<PublishContract>, keyof typeof runLogCalls>;
  /** Closes the files that are open. */
  stop(): Promise<void>;
}

/** A target that was opened: it knows how far it is. */
interface Sink {
  readonly lastSeq: number;
  readonly place: string;
  append(target: RunLogTarget, rows: readonly RunLogRow[], signal: AbortSignal): Promise<void>;
  readonly isStopped: boolean;
  finish(target: RunLogTarget, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Bytes of a row on its way, about. */
const ROW_BYTES = 300;

/** The jobs that tell runs to other programs. */
export function runLogJobs({ jobs, pace, notice }: PublishGround): RunLogJobs {
  const open = new Map<string, Sink>();

  async function sinkOf(target: RunLogTarget, signal: AbortSignal): Promise<Sink> {
    const key = keyOf(target);
    const known = open.get(key);
    if (known) return known;
    if (open.size >= TARGETS_MOST) throw new AppError('NOT_NOW', { what: 'run logs', state: 'full' });
    const sink = target.kind === 'wandb' ? await openWandb(target, signal) : await openEvents(target);
    open.set(key, sink);
    return sink;
  }

  async function forget(target: RunLogTarget): Promise<void> {
    const key = keyOf(target);
    const sink = open.get(key);
    open.delete(key);
    await sink?.close();
  }

  const openEvents = async (target: Extract<RunLogTarget, { kind: 'tensorboard' }>): Promise<Sink> => {
    const file = await openEventFile({
      ...{ ...target, nowMs: Date.now },
      torn: (path, movedTo) => notice(new AppError('EVENT_FILE_TORN', { path, movedTo })),
    });
    return {
      get lastSeq() {
        return file.lastSeq;
      },
      place: target.folder,
      append: (_, rows) => file.append(rows),
      isStopped: false,
      finish: async () => undefined,
      close: () => file.close(),
    };
  };

  async function tell(
    target: RunLogTarget,
    { afterSeq, rows }: { readonly afterSeq: number; readonly rows: readonly RunLogRow[] },
    signal: AbortSignal,
  ): Promise<RunLogTold> {
    try {
      const sink = await sinkOf(target, signal);
      if (afterSeq <= sink.lastSeq) {
        if (target.kind === 'wandb') await pace.take(ROW_BYTES * rows.length, signal);
        await sink.append(target, rows, signal);
      }
      return { lastSeq: sink.lastSeq, place: sink.place, isStopped: sink.isStopped };
    } catch (thrown) {
      // What was on its way may have been taken or not: who is asked next is asked first how far it is.
      await forget(target).catch(() => undefined);
      throw thrown;
    }
  }

  return {
    jobs: {
      'log.tell': ({ job, target, ...batch }, signal) =>
        jobs.run(job, signal, (life) => tell(target, batch, life)),
      'log.finish': ({ job, target }, signal) =>
        jobs.run(job, signal, async (life) => {
          try {
            await open.get(keyOf(target))?.finish(target, life);
          } finally {
            await forget(target);
          }
          return undefined;
        }),
      'log.test': ({ job, access }, signal) =>
        jobs.run(job, signal, async (life) => ({ entity: await defaultEntity(access, life) })),
    },
    async stop() {
      await Promise.all([...open.values()].map((sink) => sink.close().catch(() => undefined)));
    },
  };
}

async function openWandb(
  target: Extract<RunLogTarget, { kind: 'wandb' }>,
  signal: AbortSignal,
): Promise<Sink> {
  const run = await openWandbRun(target, target.access, signal);
  return {
    get lastSeq() {
      return run.lastSeq;
    },
    place: run.url,
    append: (now, rows, until) => run.append(accessOf(now), rows, until),
    get isStopped() {
      return run.isStopped;
    },
    finish: (now, until) => run.finish(accessOf(now), until),
    close: async () => undefined,
  };
}

/** Sinks are kept by what their targets are, so it is always one of Weights & Biases that comes here. */
function accessOf(target: RunLogTarget) {
  if (target.kind !== 'wandb') throw new AppError('INTERNAL');
  return target.access;
}

/** What makes a target the same one, the key apart: another key of the same team goes on with the same run. */
const keyOf = (target: RunLogTarget): string =>
  target.kind === 'wandb'
    ? ['wandb', target.access.baseUrl, target.entity, target.project, target.runId, target.logId].join('\n')
    : ['tensorboard', target.folder, target.logId].join('\n');
