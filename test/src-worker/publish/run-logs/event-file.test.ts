import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunLogRow } from '../../../../src-shared/run-logs/row.ts';
import { encodeEvent, seqOf } from '../../../../src-worker/publish/run-logs/tensorboard/event.ts';
import {
  type EventFile,
  openEventFile,
} from '../../../../src-worker/publish/run-logs/tensorboard/event-file.ts';
import { runs } from '../../../runs.ts';
import { exampleRows } from './example-rows.ts';

const NOW_MS = 1_790_000_000_000;
const GOLDEN = new URL(
  '../../../fixtures/run-logs/events.out.tfevents.1790000000.butterfly.a1',
  import.meta.url,
);

let folder = '';
const torn: string[] = [];
const opened: EventFile[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-events-'));
  torn.length = 0;
});
afterEach(async () => {
  for (const file of opened.splice(0)) await file.close().catch(() => undefined);
  await rm(folder, { recursive: true });
});

/** Opens it as the next process does: the one before is gone. */
async function open(logId = 'a1'): Promise<EventFile> {
  for (const before of opened.splice(0)) await before.close().catch(() => undefined);
  return openToo(logId);
}

async function openToo(logId = 'a1'): Promise<EventFile> {
  const file = await openEventFile({
    ...{ folder, logId, hotkey: '5Mine', nowMs: () => NOW_MS },
    torn: (_path, movedTo) => torn.push(movedTo),
  });
  opened.push(file);
  return file;
}

const row = (seq: number): RunLogRow => ({
  ...{
    kind: 'step',
    seq,
    atMs: NOW_MS + seq,
    round: 0,
    step: seq,
    loss: 3 - seq / 100,
    lr: 0.5,
    innerStep: null,
    gradNorm: 1,
  },
  ...{ tokens: 8, stepMs: 2 },
});
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => row(from + at));
const path = () => join(folder, 'events.out.tfevents.1790000000.butterfly.a1');

it('writes what TensorBoard read as a fixture, byte for byte', async () => {
  const file = await open();
  await file.append(exampleRows);
  expect(await readFile(path())).toEqual(await readFile(GOLDEN));
});

it('goes on behind the last row after a restart, whatever is told twice', async () => {
  const first = await open();
  expect(first.lastSeq).toBe(-1);
  await first.append(rows(0, 3));
  await first.close();
  const second = await open();
  expect(second.lastSeq).toBe(2);
  await second.append(rows(1, 5));
  const all = await readFile(path());
  await rm(path());
  await (await open()).append(rows(0, 5));
  expect(all).toEqual(await readFile(path()));
  expect(torn).toEqual([]);
});

it('a second writer is refused, and the file goes on as it was', async () => {
  const first = await open();
  await first.append(rows(0, 2));
  await expect(openToo()).rejects.toMatchObject({ code: 'EVENT_FOLDER_IN_USE' });
  await first.append(rows(2, 3));
  const next = await open();
  expect(next.lastSeq).toBe(2);
  expect(torn).toEqual([]);
});

it('a writer that was killed leaves the folder free, and no row twice', async () => {
  const script = fileURLToPath(new URL('./hold-event-file.ts', import.meta.url));
  const other = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(other, 'exit');
  try {
    await once(other.stdout, 'data');
    await expect(open()).rejects.toMatchObject({ code: 'EVENT_FOLDER_IN_USE' });
  } finally {
    other.kill('SIGKILL');
    await gone;
  }
  const file = await open();
  expect(file.lastSeq).toBe(2);
});

it('a lock file that is none is named, and not written over', async () => {
  const none = Buffer.alloc(4_096, 'x');
  await writeFile(join(folder, 'butterfly.lock'), none);
  await expect(open()).rejects.toMatchObject({ code: 'EVENT_FOLDER_NO_LOCK' });
  expect(await readFile(join(folder, 'butterfly.lock'))).toEqual(none);
});

it('knows that somebody cleared its folder, wrote into its file or cut it', async () => {
  const file = await open();
  await file.append(rows(0, 2));
  expect(await file.isCurrent()).toBe(true);
  const whole = await readFile(path());
  await appendFile(path(), 'more');
  expect(await file.isCurrent()).toBe(false);
  await truncate(path(), whole.length);
  expect(await file.isCurrent()).toBe(true);
  await rm(path());
  expect(await file.isCurrent()).toBe(false);
  await writeFile(path(), whole);
  expect(await file.isCurrent()).toBe(false);
});

it.each([1, 5, 11, 13, 40])('cuts off a tail that misses %i bytes, and keeps it aside', async (missing) => {
  const first = await open();
  await first.append(rows(0, 3));
  const whole = await readFile(path());
  await truncate(path(), whole.length - missing);
  const second = await open();
  expect(second.lastSeq).toBe(1);
  expect(torn).toEqual([join(folder, 'torn-1.bytes')]);
  const kept = await readFile(torn[0] ?? '');
  expect(whole.subarray(0, whole.length - missing).subarray(-kept.length)).toEqual(kept);
  await second.append(rows(2, 3));
  expect(await readFile(path())).toEqual(whole);
});

it('a flipped bit ends what is taken for whole, and nothing behind it is lost', async () => {
  const first = await open();
  await first.append(rows(0, 4));
  const whole = await readFile(path());
  const flipped = Buffer.from(whole);
  const at = whole.length - 150;
  flipped[at] = (flipped[at] ?? 0) ^ 1;
  await writeFile(path(), flipped);
  const second = await open();
  expect(second.lastSeq).toBeLessThan(3);
  const kept = await readFile(torn[0] ?? '');
  expect(flipped.subarray(-kept.length)).toEqual(kept);
});

it('copies of torn tails are named apart, and not as TensorBoard looks for files', async () => {
  for (const n of [1, 2]) {
    const file = await open();
    await file.append(rows(0, 2));
    await appendFile(path(), Buffer.from('torn'));
    await open();
    expect(torn).toHaveLength(n);
  }
  expect((await readdir(folder)).filter((name) => name.includes('tfevents'))).toHaveLength(1);
  expect(new Set(torn).size).toBe(2);
});

it('rows of another numbering stand in a file of their own', async () => {
  await (await open('a1')).append(rows(0, 3));
  const other = await open('b2');
  expect(other.lastSeq).toBe(-1);
});

it('what is no message is no row', () => {
  const bytes = encodeEvent({ seq: 7, atMs: 1, step: -1, scalars: { a: 1 } });
  expect(seqOf(bytes)).toBe(7);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
      try {
        const seq = seqOf(noise);
        expect(seq === null || Number.isSafeInteger(seq)).toBe(true);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(RangeError);
      }
    }),
  );
});

it('wherever writing is cut off, every row stands there once in the end', async () => {
  const whole = await (async () => {
    await (await open()).append(rows(0, 12));
    return readFile(path());
  })();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(12), fc.nat(200)), { maxLength: 6 }), async (crashes) => {
      await rm(path(), { force: true });
      for (const [upTo, lost] of crashes) {
        const file = await open();
        await file.append(rows(file.lastSeq + 1, Math.max(upTo, file.lastSeq + 1)));
        await file.close();
        const size = (await readFile(path())).length;
        await truncate(path(), Math.max(0, size - lost));
      }
      const file = await open();
      await file.append(rows(file.lastSeq + 1, 12));
      await file.close();
      expect(await readFile(path())).toEqual(whole);
    }),
    { numRuns: runs(40, 200) },
  );
});
