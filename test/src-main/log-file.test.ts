import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOG_LINE_CHARS, LOG_MAX_BYTES, openLogFile } from '../../src-main/log-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the log file', () => {
  it('keeps lines with their time, readable by its owner alone', async () => {
    const log = await openLogFile(folder, { echo: false });
    log.write('round 3 committed');
    await log.stop();
    expect(await readFile(log.path, 'utf8')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z round 3 committed\n$/);
    if (process.platform !== 'win32') expect((await stat(log.path)).mode & 0o777).toBe(0o600);
  });

  it('cuts a line without end', async () => {
    const log = await openLogFile(folder, { echo: false });
    log.write('x'.repeat(LOG_LINE_CHARS * 3));
    await log.stop();
    expect((await stat(log.path)).size).toBeLessThan(LOG_LINE_CHARS + 40);
  });

  it('puts a full log aside and begins anew, keeping one older', async () => {
    await writeFile(join(folder, 'butterfly.log'), Buffer.alloc(LOG_MAX_BYTES, 'a'));
    const log = await openLogFile(folder, { echo: false });
    log.write('fresh');
    await log.stop();
    expect((await stat(join(folder, 'butterfly.1.log'))).size).toBe(LOG_MAX_BYTES);
    expect(await readFile(log.path, 'utf8')).toContain('fresh');
  });

  it('takes lines after its end without complaint', async () => {
    const log = await openLogFile(folder, { echo: false });
    await log.stop();
    expect(() => log.write('late')).not.toThrow();
  });
});
