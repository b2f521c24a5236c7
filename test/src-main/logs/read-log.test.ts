import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LINE_CHARS, READ_BYTES } from '../../../src-main/logs/limits.ts';
import { CAUGHT_UP, readLog } from '../../../src-main/logs/read-log.ts';

let folder = '';
let stopping = new AbortController();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-log-'));
  stopping = new AbortController();
});
afterEach(async () => {
  stopping.abort();
  await rm(folder, { recursive: true, force: true });
});
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
});
