import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptFor } from '../../../src-main/economy/kept.ts';
import { openMarks } from '../../../src-main/economy/marks.ts';

let folder = '';
const told: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-marks-'));
  told.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

describe('the user’s own marks', () => {
  const open = (nowMs = 5_000) =>
    openMarks(
      folder,
      ({ code }) => told.push(code),
      () => nowMs,
    );

  it('stay over a restart, with their date, each of its subnet', async () => {
    const marks = await open();
    expect(marks.of('a/38')).toBeNull();
    expect(await marks.set('a/38', 6)).toEqual({ mark: 6, atMs: 5_000 });
    await Promise.all([marks.set('b/38', 0), marks.set('a/39', 10)]);
    const again = await open();
    expect([again.of('a/38')?.mark, again.of('b/38')?.mark, again.of('a/39')?.mark]).toEqual([6, 0, 10]);
    expect(told).toEqual([]);
  });

  it('are taken back', async () => {
    const marks = await open();
    await marks.set('a/38', 3);
    expect(await marks.set('a/38', null)).toBeNull();
    expect((await open()).of('a/38')).toBeNull();
  });

  it('come back from their copy where the file is damaged, which is told', async () => {
    await (await open()).set('a/38', 3);
    await writeFile(join(folder, 'subnet-marks.json'), '{');
    expect((await open()).of('a/38')?.mark).toBe(3);
    expect(told).toHaveLength(1);
  });
});

describe('a read that is kept', () => {
  it('is run again only after so long, and at once when it failed', async () => {
    let [now, reads, fails] = [0, 0, false];
    const read = keptFor(
      100,
      () => now,
      async () => {
        reads++;
        if (fails) throw new Error('away');
        return reads;
      },
    );
    expect([await read(), await read()]).toEqual([1, 1]);
    now = 100;
    fails = true;
    await expect(read()).rejects.toThrow('away');
    fails = false;
    expect(await read()).toBe(3);
  });
});
