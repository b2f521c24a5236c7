import type { RunLogTarget } from '../../../src-shared/contract/publish/run-logs.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { RunLogRow } from '../../../src-shared/run-logs/row.ts';
import type { PublishGround } from '../ground.ts';
import { TARGETS_MOST } from './limits.ts';
import { openEventFile } from './tensorboard/event-file.ts';
import { openWandbRun } from './wandb/run.ts';

/** A target that was opened: it knows how far it is. */
export interface Sink {
  readonly lastSeq: number;
  readonly place: string;
  /** Whether what it knows still holds. */
  isCurrent(): Promise<boolean>;
  append(target: RunLogTarget, rows: readonly RunLogRow[], signal: AbortSignal): Promise<void>;
  readonly isStopped: boolean;
  finish(target: RunLogTarget, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The targets that are open, each once. */
export interface Sinks {
  /** Opens it where it is not open, or is not any more what it was. @throws {AppError} NOT_NOW, and as the target does */
  open(target: RunLogTarget, signal: AbortSignal): Promise<Sink>;
  opened(target: RunLogTarget): Sink | undefined;
  /** Closes it: who is asked next is asked first how far it is. */
  forget(target: RunLogTarget): Promise<void>;
  closeAll(): Promise<void>;
}

export function keepSinks(notice: PublishGround['notice']): Sinks {
  const sinks = new Map<string, Sink>();

  async function forget(target: RunLogTarget): Promise<void> {
    const key = keyOf(target);
    const sink = sinks.get(key);
    sinks.delete(key);
    await sink?.close();
  }

  return {
    async open(target, signal) {
      const key = keyOf(target);
      const known = sinks.get(key);
      if (known && (await known.isCurrent())) return known;
      await forget(target);
      if (sinks.size >= TARGETS_MOST) throw new AppError('NOT_NOW', { what: 'run logs', state: 'full' });
      const sink =
        target.kind === 'wandb' ? await openWandb(target, signal) : await openEvents(target, notice);
      sinks.set(key, sink);
      return sink;
    },
    opened: (target) => sinks.get(keyOf(target)),
    forget,
    async closeAll() {
      await Promise.all([...sinks.values()].map((sink) => sink.close().catch(() => undefined)));
    },
  };
}

async function openEvents(
  target: Extract<RunLogTarget, { kind: 'tensorboard' }>,
  notice: PublishGround['notice'],
): Promise<Sink> {
  const file = await openEventFile({
    ...{ ...target, nowMs: Date.now },
    torn: (path, movedTo) => notice(new AppError('EVENT_FILE_TORN', { path, movedTo })),
  });
  return {
    get lastSeq() {
      return file.lastSeq;
    },
    place: target.folder,
    isCurrent: () => file.isCurrent(),
    append: (_, rows) => file.append(rows),
    isStopped: false,
    finish: async () => undefined,
    close: () => file.close(),
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
    isCurrent: async () => true,
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
