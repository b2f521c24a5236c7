import { mkdir, mkdtemp, readFile, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redirectFile } from '../../../../src-main/shells/web/redirect-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-redirect-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the redirect file', () => {
  it('that could not be written once is written the next time', async () => {
    const file = redirectFile(folder);
    // A folder of that name stands for a disk that takes nothing: the rename fails.
    await mkdir(join(file.path, 'in the way'), { recursive: true });
    await expect(file.write('http://127.0.0.1:1/#t=first')).rejects.toThrow();
    await rm(file.path, { recursive: true });
    await file.write('http://127.0.0.1:1/#t=second');
    expect(await readFile(file.path, 'utf8')).toContain('#t=second');
    await file.remove();
  });

  it('comes by itself as soon as the disk takes it: its token is the only one that is good', async () => {
    const file = redirectFile(folder);
    await mkdir(file.path);
    await expect(file.write('http://127.0.0.1:1/#t=good')).rejects.toThrow();
    await rmdir(file.path);
    await expect
      .poll(() => readFile(file.path, 'utf8').catch(() => ''), { timeout: 20_000, interval: 100 })
      .toContain('#t=good');
    await file.remove();
    await expect(readFile(file.path, 'utf8')).rejects.toThrow('ENOENT');
  });
});
