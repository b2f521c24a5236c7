import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findNpm } from '../../../src-main/engines/npm.ts';
import { installerEnv, type Program, runProgram } from '../../../src-main/engines/program.ts';
import { isAlive } from '../../../src-main/supervisor/process-end.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'program-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const NEVER = new AbortController().signal;
const node = (folder: string, code: string, more: Partial<Program> = {}): Program => ({
  ...{ name: 'a program', command: process.execPath, words: ['-e', code], folder, limitMs: 30_000 },
  ...more,
});

describe('a program that is run to its end', () => {
  it('works in its folder, and what it prints is logged', async () => {
    const folder = await newFolder();
    const lines: string[] = [];
    const running = { signal: NEVER, log: (line: string) => void lines.push(line) };
    await runProgram(node(folder, 'console.log(process.cwd()); console.error("and this")'), running);
    expect(lines.slice(1).sort()).toEqual([`a program: ${folder}`, 'a program: and this'].sort());
  });

  it('that fails, or is none, says so', async () => {
    const folder = await newFolder();
    const running = { signal: NEVER, log: () => undefined };
    await expect(runProgram(node(folder, 'process.exit(3)'), running)).rejects.toMatchObject({
      code: 'ENGINE_STEP_FAILED',
      params: { program: 'a program', reason: 'exit code 3' },
    });
    const none = node(folder, '', { command: join(folder, 'none') });
    await expect(runProgram(none, running)).rejects.toMatchObject({
      params: { reason: 'not started: ENOENT' },
    });
  });

  it('ends with what it began once its time is over', async () => {
    const folder = await newFolder();
    const child = `setInterval(() => {}, 1e6); require('fs').writeFileSync('pid', String(process.pid));`;
    const code = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]); setInterval(() => {}, 1e6);`;
    const stop = new AbortController();
    const run = runProgram(node(folder, code), { signal: stop.signal, log: () => undefined });
    const pid = await written(join(folder, 'pid'));
    stop.abort();
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    await gone(pid);
    const late = runProgram(node(folder, 'setInterval(() => {}, 1e6)', { limitMs: 1 }), {
      signal: NEVER,
      log: () => undefined,
    });
    await expect(late).rejects.toMatchObject({ params: { reason: 'it took too long' } });
  });

  it('ends with what it began once its host is killed', async () => {
    const folder = await newFolder();
    const child = `setInterval(() => {}, 1e6); require('fs').writeFileSync('pid', String(process.pid));`;
    const code = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]); setInterval(() => {}, 1e6);`;
    const program = new URL('../../../src-main/engines/program.ts', import.meta.url);
    const host = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { runProgram } from ${JSON.stringify(program.href)};
      const running = { signal: new AbortController().signal, log: () => undefined };
      await runProgram(${JSON.stringify(node(folder, code))}, running);`,
    ]);
    const pid = await written(join(folder, 'pid'));
    host.kill('SIGKILL');
    await gone(pid);
  });
});

/** The number that another process writes there; the limit is the test's own. */
async function written(path: string): Promise<number> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text) return Number(text);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A process that nobody here is the parent of is only seen to be gone. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

it('an installer sees its user’s settings and proxies, and no secrets', () => {
  const own = {
    PATH: '/bin',
    npm_config_registry: 'https://mirror.example/',
    PIP_INDEX_URL: 'https://mirror.example/simple/',
    https_proxy: 'http://proxy.example:3128',
    HF_TOKEN: 'secret',
    NODE_OPTIONS: '--require=/tmp/foreign.js',
  };
  const env = installerEnv(own, '/opt/node');
  expect(env).toEqual({
    PATH: ['/opt/node', '/bin'].join(delimiter),
    npm_config_registry: own.npm_config_registry,
    PIP_INDEX_URL: own.PIP_INDEX_URL,
    https_proxy: own.https_proxy,
  });
});

describe('npm', () => {
  const layouts: [string, string, boolean][] = [
    ['as the installers for Windows lay it out', 'node_modules/npm/bin/npm-cli.js', false],
    ['as those for Linux and macOS do', '../lib/node_modules/npm/bin/npm-cli.js', false],
    ['as Debian does, behind a link', '../share/npm/bin/npm-cli.js', true],
  ];

  it.each(layouts)('is found %s', async (_how, place, isLinked) => {
    const bin = join(await newFolder(), 'bin');
    const program = join(bin, place);
    await mkdir(bin);
    await mkdir(join(program, '..'), { recursive: true });
    await writeFile(program, '');
    if (isLinked) await symlink(program, join(bin, 'npm'));
    expect(findNpm({ PATH: bin }, join(bin, 'elsewhere', 'node'))).toBe(program);
  });

  it('is looked for beside our own Node before the PATH, and not found where neither has one', async () => {
    const folder = await newFolder();
    const node = join(folder, 'node');
    expect(findNpm({ PATH: folder }, node)).toBeNull();
    const own = join(folder, 'node_modules/npm/bin/npm-cli.js');
    await mkdir(join(own, '..'), { recursive: true });
    await writeFile(own, '');
    expect(findNpm({ PATH: '' }, node)).toBe(own);
  });
});
