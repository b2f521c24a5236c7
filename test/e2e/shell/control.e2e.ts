import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-asked-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A command as users give it. */
function npmStart(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile('npm', ['start', '--silent', '--', ...words, '--data-dir', folder], (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

describe('a host that runs', () => {
  it('is asked and stopped from another terminal', { timeout: 60_000 }, async () => {
    const host = spawn(process.execPath, ['out/host/serve.js', '--no-open', '--data-dir', folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(host, 'exit');
    for await (const line of createInterface({ input: host.stdout })) if (line.includes('runs at')) break;
    host.stdout.resume();

    const status = await npmStart('status', '--json');
    expect(JSON.parse(status.out)).toMatchObject({ pid: host.pid, dataDir: folder, runs: [] });
    // As an installed command, on the Node that the shell finds: 20 or newer.
    const asked = ['bin/butterfly.mjs', 'status', '--json', '--data-dir', folder];
    const PATH = process.env.PATH?.split(delimiter).filter((folder) => !folder.includes('node_modules'));
    const env = { ...process.env, PATH: PATH?.join(delimiter) };
    expect(JSON.parse(execFileSync('node', asked, { encoding: 'utf8', env })).pid).toBe(host.pid);
    expect(await npmStart('pause')).toMatchObject({ code: 1, err: expect.stringContaining('no such run') });
    const stopped = await npmStart('stop', '--json');
    expect([stopped.code, JSON.parse(stopped.out)]).toEqual([0, { stopped: true }]);
    expect(host.exitCode ?? (await ended)[0]).toBe(0);
  });

  it('is missed by name where there is none', { timeout: 60_000 }, async () => {
    expect(await npmStart('status')).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining(folder),
    });
  });
});
