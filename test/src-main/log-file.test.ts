import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureConsole } from '../../src-main/log-capture.ts';
import {
  LOG_LINE_CHARS,
  LOG_MAX_BYTES,
  LOG_REOPEN_MS,
  LOG_WAITING_BYTES,
  type LogFile,
  openLogFile,
} from '../../src-main/log-file.ts';
import { PAGE_LINES } from '../../src-main/logs/limits.ts';

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

  it('is never more than two files of that size, however much is said', async () => {
    const log = await openLogFile(folder, { echo: false });
    const line = 'x'.repeat(LOG_LINE_CHARS - 100);
    // Put aside twice, however slow the disk: what waits too long for it is left out.
    const older = new Set<string>();
    while (older.size < 2) {
      for (let n = 0; n < 200; n++) log.write(line);
      await new Promise((resolve) => setImmediate(resolve));
      const aside = await stat(join(folder, 'butterfly.1.log')).catch(() => null);
      if (aside) older.add(`${aside.ino} ${aside.ctimeMs}`);
    }
    await log.stop();
    expect((await readdir(folder)).sort()).toEqual(['butterfly.1.log', 'butterfly.log']);
    for (const name of await readdir(folder))
      expect((await stat(join(folder, name))).size).toBeLessThan(LOG_MAX_BYTES + 2 * LOG_WAITING_BYTES);
  });

  it('has a tail of its last lines, none before the first, and the last of one just put aside', async () => {
    const log = await openLogFile(folder, { echo: false });
    const tail = async (of: LogFile) => (await of.after(null)).lines;
    expect(await tail(log)).toEqual([]);
    for (let n = 0; n < 5; n++) log.write(`line ${n}`);
    await log.stop();
    const words = (lines: readonly string[]) => lines.map((line) => line.slice(line.indexOf(' ') + 1));
    expect(words(await tail(log))).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4']);

    await writeFile(join(folder, 'butterfly.log'), `${'a'.repeat(LOG_MAX_BYTES)}\nbefore\nthe turn\n`);
    const fresh = await openLogFile(folder, { echo: false });
    expect((await tail(fresh)).slice(-2)).toEqual(['before', 'the turn']);
    fresh.write('after it');
    await fresh.stop();
    const last = (await tail(fresh)).slice(-3);
    expect(words(last.slice(-1))).toEqual(['after it']);
    expect(last.slice(0, 2)).toEqual(['before', 'the turn']);
  });

  it('has a tail of whole lines, however long they and the file are', async () => {
    const long = 'é'.repeat(LOG_LINE_CHARS);
    await writeFile(join(folder, 'butterfly.log'), `${`${long}\n`.repeat(300)}end\n`);
    const log = await openLogFile(folder, { echo: false });
    const { lines } = await log.after(null);
    await log.stop();
    expect(lines).toEqual([...Array.from({ length: PAGE_LINES - 1 }, () => long), 'end']);
  });

  it('goes on when its disk takes lines again, and says how many are missing', async () => {
    // A folder in its place stands for a disk that takes nothing.
    await mkdir(join(folder, 'butterfly.log'));
    let nowMs = LOG_REOPEN_MS;
    const log = await openLogFile(folder, { echo: false, nowMs: () => nowMs });
    log.write('lost, for the stream finds out only by writing');
    await new Promise((resolve) => setTimeout(resolve, 50));
    log.write('lost');
    log.write('lost');
    await rm(join(folder, 'butterfly.log'), { recursive: true });
    nowMs += LOG_REOPEN_MS;
    log.write('back');
    await log.stop();
    expect(await readFile(log.path, 'utf8')).toMatch(/ 2 lines are missing here[^\n]*\n\S+ back\n$/);
  });
});

describe('what is said elsewhere', () => {
  it('by a library to the console goes to the log while a host runs, and not to the terminal', () => {
    const lines: string[] = [];
    const real = console.warn;
    const end = captureConsole((line) => lines.push(line));
    console.warn('API/INIT: %s', 'not connected', { reason: 'x' });
    console.error(new RangeError('deep inside'));
    end();
    expect(console.warn).toBe(real);
    expect(lines[0]).toBe("API/INIT: not connected { reason: 'x' }");
    expect(lines[1]).toMatch(/RangeError: deep inside\n\s+at /);
  });

  it('by what nobody caught goes to the log with its stack', async () => {
    const module = fileURLToPath(new URL('../../src-main/log-capture.ts', import.meta.url));
    const script = `const { captureUnexpected } = await import(${JSON.stringify(module)});
      captureUnexpected((line) => process.stdout.write(line + '\\n'));
      Promise.reject(new Error('a promise nobody waits for'));
      setTimeout(() => { throw new Error('a timer that throws'); }, 20);`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/unhandledRejection: Error: a promise nobody waits for\n\s+at /);
    expect(stdout).toMatch(/uncaughtException: Error: a timer that throws\n\s+at /);
    expect(status).not.toBe(0);
  });
});
