import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Exporter, startExporter } from '../../../../src-main/publishing/run-logs/exporter.ts';
import {
  TELL_AGAIN_MS,
  TELL_HELD_AGAIN_MS,
  WANDB_EVERY_MS,
} from '../../../../src-main/publishing/run-logs/limits.ts';
import { afterFailure } from '../../../../src-main/publishing/run-logs/retry.ts';
import type { RunLogDoor } from '../../../../src-main/publishing/run-logs/telling.ts';
import type { LogCursor } from '../../../../src-main/store/run-log.ts';
import type { RunLogTarget } from '../../../../src-shared/contract/publish/run-logs.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { LOG_ROWS_AT_ONCE, type RunLogRow } from '../../../../src-shared/run-logs/row.ts';

const row = (seq: number): RunLogRow => ({
  ...{ kind: 'step', seq, atMs: seq, round: 0, step: seq, loss: 3, lr: 1, gradNorm: 1, tokens: 1 },
  ...{ innerStep: null, stepMs: 1 },
});
const target: RunLogTarget = { kind: 'tensorboard', hotkey: '5H', logId: 'a', folder: '/f' };

/** What is told, as a server that counts would have it. */
let there: number[] = [];
let written: RunLogRow[] = [];
let kept: LogCursor | null = null;
let fault: AppError | null = null;
let isStopped = false;
let finished = 0;
let tellings = 0;
const running: Exporter[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  [there, written, kept, fault, isStopped, finished, tellings] = [[], [], null, null, false, 0, 0];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  vi.useRealTimers();
});

const door: RunLogDoor = {
  async tell(_, { afterSeq, rows }) {
    tellings++;
    if (fault) throw fault;
    const last = there.at(-1) ?? -1;
    if (afterSeq <= last) there.push(...rows.map(({ seq }) => seq).filter((seq) => seq > last));
    return { lastSeq: there.at(-1) ?? -1, place: 'https://there', isStopped };
  },
  async finish() {
    finished++;
  },
};
const log = {
  rows: async (_: number, afterSeq: number, limit: number) =>
    written.filter(({ seq }) => seq > afterSeq).slice(0, limit),
  pending: async (_: number, afterSeq: number) => written.filter(({ seq }) => seq > afterSeq).length,
  cursor: async () => kept,
  async keepCursor(_: number, _name: string, cursor: LogCursor) {
    kept = cursor;
  },
};

function start(): Exporter {
  const exporter = startExporter({
    ...{ kind: 'wandb', runId: 1, cursorName: 'there', everyMs: WANDB_EVERY_MS, quietTurns: 1, log, door },
    target: async () => target,
    nowMs: () => 1_000,
  });
  running.push(exporter);
  return exporter;
}
const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('an exporter', () => {
  it('tells what is there, and what comes, at its pace', async () => {
    written = [row(0), row(1)];
    const exporter = start();
    await passes(0);
    expect(there).toEqual([0, 1]);
    written.push(row(2));
    await passes(WANDB_EVERY_MS - 1);
    expect(there).toEqual([0, 1]);
    await passes(1);
    expect(there).toEqual([0, 1, 2]);
    expect(kept).toEqual({ seq: 2, atMs: 1_000 });
    expect(exporter.state).toMatchObject({
      lastSeq: 2,
      pendingRows: 0,
      place: 'https://there',
      problem: null,
    });
  });

  it('catches up faster than it goes on', async () => {
    written = Array.from({ length: 2 * LOG_ROWS_AT_ONCE + 5 }, (_, seq) => row(seq));
    start();
    await passes(WANDB_EVERY_MS - 1);
    expect(there).toHaveLength(2 * LOG_ROWS_AT_ONCE + 5);
  });

  it('says every second time that it lives where there is nothing to tell', async () => {
    start();
    await passes(4 * WANDB_EVERY_MS);
    expect(tellings).toBe(3);
  });

  it('keeps rows while the target is away, and says since when', async () => {
    written = [row(0)];
    fault = new AppError('WANDB_UNREACHABLE', { why: 'ENOTFOUND' });
    const exporter = start();
    await passes(3_600_000);
    written.push(row(1), row(2));
    await passes(60_000);
    expect(exporter.state).toMatchObject({ pendingRows: 3, failedSinceMs: 1_000, lastSeq: null });
    expect(exporter.state.failures).toBeGreaterThan(50);
    fault = null;
    await passes(60_000);
    expect(there).toEqual([0, 1, 2]);
    expect(exporter.state).toMatchObject({ problem: null, failedSinceMs: null, failures: 0, pendingRows: 0 });
  });

  it('goes where the target says it stands, behind what was remembered or before it', async () => {
    written = [row(0), row(1), row(2), row(3)];
    kept = { seq: 3, atMs: 5 };
    there = [0];
    start();
    await passes(WANDB_EVERY_MS - 1);
    expect(there).toEqual([0, 1, 2, 3]);
    expect(kept?.seq).toBe(3);
  });

  it('waits for a person who has to mend something, and goes on at once when it may be mended', async () => {
    written = [row(0)];
    fault = new AppError('WANDB_KEY_REFUSED');
    const exporter = start();
    await passes(TELL_HELD_AGAIN_MS - 1);
    expect(exporter.state.failures).toBe(1);
    fault = null;
    exporter.poke();
    await passes(0);
    expect(there).toEqual([0]);
  });

  it('tells once that somebody pressed Stop there', async () => {
    const exporter = start();
    const heard = vi.fn();
    exporter.on('stopped', heard);
    await passes(0);
    isStopped = true;
    await passes(3 * WANDB_EVERY_MS);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('a run that was stopped there before is not stopped again by its next start', async () => {
    isStopped = true;
    const exporter = start();
    const heard = vi.fn();
    exporter.on('stopped', heard);
    await passes(3 * WANDB_EVERY_MS);
    expect(heard).not.toHaveBeenCalled();
  });

  it('tells what is left at its end, and that it is over', async () => {
    const exporter = start();
    await passes(0);
    written = [row(0), row(1)];
    await exporter.stop();
    expect(there).toEqual([0, 1]);
    expect(finished).toBe(1);
  });
});

describe('what failed', () => {
  const again = (
    code: 'WANDB_BUSY' | 'WANDB_UNREACHABLE' | 'WANDB_FORBIDDEN',
    failures: number,
    params = {},
  ) => afterFailure({ code, params }, failures);

  it('is tried again in twice the time, up to a minute', () => {
    expect([1, 2, 3, 30].map((failures) => again('WANDB_UNREACHABLE', failures))).toEqual([
      ...[TELL_AGAIN_MS, 2 * TELL_AGAIN_MS, 4 * TELL_AGAIN_MS, 60_000],
    ]);
  });

  it('is left alone as long as it asks for, within reason', () => {
    expect(again('WANDB_BUSY', 1, { retryAfterS: 90 })).toBe(90_000);
    expect(again('WANDB_BUSY', 1, { retryAfterS: 9_999 })).toBe(600_000);
  });

  it('waits for a person where no waiting mends it', () => {
    expect(again('WANDB_FORBIDDEN', 1)).toBe(TELL_HELD_AGAIN_MS);
  });
});
