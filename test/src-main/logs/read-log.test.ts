import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LINE_CHARS, READ_BYTES } from '../../../src-main/logs/limits.ts';
import { CAUGHT_UP, readLog } from '../../../src-main/logs/read-log.ts';

/** Called before each step of the reader at the disk. */
const disk = vi.hoisted(() => ({ step: async (): Promise<void> => undefined }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const stepped = <Call extends (...words: never[]) => Promise<unknown>>(call: Call) =>
    (async (...words: Parameters<Call>) => {
      await disk.step();
      return call(...words);
    }) as unknown as Call;
  return {
    ...real,
    stat: stepped(real.stat),
    open: stepped(async (path: string, flags: string) => {
      const file = await real.open(path, flags);
      return {
        stat: stepped(file.stat.bind(file)),
        read: stepped(file.read.bind(file)),
        close: stepped(file.close.bind(file)),
      };
    }),
  };
});
vi.mock('../../../src-main/logs/limits.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../../../src-main/logs/limits.ts')>()),
  FOLLOW_LOOK_MS: 1,
}));

let folder = '';
let stopping = new AbortController();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-log-'));
  stopping = new AbortController();
});
afterEach(async () => {
  disk.step = async () => undefined;
  stopping.abort();
  await rm(folder, { recursive: true, force: true });
});
/** Steps of the reader at the disk, into the second look at a log that is followed. */
const STEPS = 24;
/** Of them so many open both files and look whether they belong together. */
const OPENING_STEPS = 5;
const newest = () => join(folder, 'butterfly.log');
const older = () => join(folder, 'butterfly.1.log');

async function all(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLog(folder, false, stopping.signal)) if (line !== CAUGHT_UP) lines.push(line);
  return lines;
}

describe('the log', () => {
  it('is read over both files, whole lines alone', async () => {
    await writeFile(older(), 'a\nb\n');
    await writeFile(newest(), 'c\nstill being writ');
    expect(await all()).toEqual(['a', 'b', 'c']);
  });

  it('is nothing where there is no file', async () => {
    expect(await all()).toEqual([]);
  });

  it('is read in parts, and a line that is none of ours is cut', async () => {
    const many = Array.from({ length: 40_000 }, (_, at) => `line ${at} über`);
    await writeFile(newest(), `${many.join('\n')}\n${'x'.repeat(2 * READ_BYTES)}\nend\n`);
    const read = await all();
    expect(read.slice(0, many.length)).toEqual(many);
    expect(read.at(-1)).toBe('end');
    expect(Math.max(...read.map((line) => line.length))).toBeLessThanOrEqual(LINE_CHARS);
  });

  it('is followed, over a file that is put aside too', { timeout: 20_000 }, async () => {
    await writeFile(newest(), 'one\n');
    const followed = readLog(folder, true, stopping.signal);
    const next = async (): Promise<string> => {
      for (;;) {
        const { value } = await followed.next();
        if (value !== CAUGHT_UP) return value as string;
      }
    };
    expect(await next()).toBe('one');
    await appendFile(newest(), 'two\nthr');
    expect(await next()).toBe('two');
    await appendFile(newest(), 'ee\nlast of this\n');
    await rename(newest(), older());
    await writeFile(newest(), 'first of the next\n');
    expect([await next(), await next(), await next()]).toEqual([
      'three',
      'last of this',
      'first of the next',
    ]);
    stopping.abort();
    await expect.poll(async () => (await followed.next()).done).toBe(true);
  });

  it('is followed where it begins anew in the same file', { timeout: 20_000 }, async () => {
    await writeFile(newest(), 'one\ntwo\nthree\n');
    const lines: string[] = [];
    for await (const line of readLog(folder, true, stopping.signal)) {
      if (line !== CAUGHT_UP) lines.push(line);
      else if (lines.length === 3) await writeFile(newest(), 'anew\n');
      else if (lines.length === 4) break;
    }
    expect(lines).toEqual(['one', 'two', 'three', 'anew']);
  });

  /** Follows a log that grows before each step of the reader, and is put aside before one of them. */
  async function linesWhilePutAside(atStep: number, isFreshAtOnce: boolean): Promise<readonly string[]> {
    let [steps, written] = [0, 3];
    disk.step = async () => {
      if (steps > STEPS) return;
      await appendFile(newest(), `line ${written++}\n`);
      if (steps++ !== atStep) return;
      await rename(newest(), older());
      if (isFreshAtOnce) await writeFile(newest(), `line ${written++}\n`);
    };
    await writeFile(older(), 'line 0\n');
    await writeFile(newest(), 'line 1\nline 2\n');
    const read: string[] = [];
    for await (const line of readLog(folder, true, stopping.signal)) {
      if (line !== CAUGHT_UP) read.push(line);
      else if (steps > STEPS && read.at(-1) === `line ${written - 1}`) break;
    }
    return read;
  }

  it.each(
    Array.from({ length: STEPS }, (_, at) => [
      { at, isFreshAtOnce: true },
      { at, isFreshAtOnce: false },
    ]).flat(),
  )(
    'loses no line and says none twice where it is put aside before step $at (with a new file at once: $isFreshAtOnce)',
    { timeout: 20_000 },
    async ({ at, isFreshAtOnce }) => {
      const read = await linesWhilePutAside(at, isFreshAtOnce);
      // What was put aside earlier goes with that, and may be gone before it could be opened.
      const first = at < OPENING_STEPS && read[0] !== 'line 0' ? 1 : 0;
      expect(read).toEqual(read.map((_line, index) => `line ${index + first}`));
    },
  );
});
