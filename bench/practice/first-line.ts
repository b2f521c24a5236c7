import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Seconds from `npm start` to the first line of ours; what npm itself prints says nothing about the program. */
export async function firstLine(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-first-line-'));
  const began = performance.now();
  const npm = spawn('npm', ['start', '--', '--no-open', '--port', '0', '--data-dir', folder], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise((resolve) => npm.once('close', resolve));
  const said = Promise.withResolvers<number>();
  npm.once('error', said.reject);
  npm.once('close', () => said.reject(new Error('npm start ended without a word')));
  for (const stream of [npm.stdout, npm.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (line !== '' && !line.startsWith('>')) said.resolve((performance.now() - began) / 1000);
    });
  }
  try {
    return await said.promise;
  } finally {
    npm.kill('SIGTERM');
    await gone;
    await rm(folder, { recursive: true, force: true });
  }
}
