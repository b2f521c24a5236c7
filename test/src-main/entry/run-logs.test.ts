import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { entryPath } from '../../../src-main/entry-path.ts';

let dataDir = '';
let child: ChildProcess | undefined;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'butterfly-logs-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});

it('ends when whoever reads along leaves', { timeout: 60_000 }, async () => {
  const file = join(dataDir, 'butterfly.log');
  await writeFile(file, 'the first line\n');
  const words = [entryPath('serve'), 'logs', '--follow', '--data-dir', dataDir];
  const following = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  child = following;
  const exit = once(following, 'exit');
  for await (const line of createInterface({ input: following.stdout })) if (line === 'the first line') break;
  following.stdout.destroy();
  let ended = false;
  void exit.then(() => (ended = true));
  // It finds out by writing.
  await expect
    .poll(() => appendFile(file, 'and one more\n').then(() => ended), { timeout: 30_000, interval: 200 })
    .toBe(true);
  expect((await exit)[0]).toBe(0);
});
