import { execFile, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication } from 'playwright-core';
import type { TestElectron } from '../../../tools/build/test-electron.ts';
import { stageOlderSqlite } from './older-sqlite.ts';

/** Nobody in particular: as root Electron refuses its own sandbox. */
const [UID, GID] = [65_534, 65_534];
const isRoot = process.getuid?.() === 0;

/** How a start of the app ended. */
export interface EndedRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One that was started at a terminal, which is a pipe here. */
export interface StartedAtTerminal {
  /** Nobody reads any more what it says: its next word fails. */
  closeTerminal(): void;
  /** Whether a process draws its window already. */
  isDrawing(): boolean;
  /** The id of Electron's main process. @throws where it is not there yet, or any more */
  mainProcess(): number;
}

/** The built app with a real Electron, in a folder that goes with it, for a user without rights and without a home. */
export interface StagedElectron {
  /** Its data folder, where the host that runs is asked. */
  readonly data: string;
  /** Where that user has their wallets. */
  readonly wallets: string;
  /** Where that user's desktop keeps what it is configured with. */
  readonly config: string;
  /** Starts it on a display of its own, to be looked into. */
  launch(): Promise<ElectronApplication>;
  /** Starts it with these words and waits for its end. */
  run(words: readonly string[], timeoutMs: number): Promise<EndedRun>;
  /** Starts it as somebody at a terminal would, and waits for nothing. */
  startAtTerminal(): StartedAtTerminal;
  /** The process ids of all that runs from its folder. */
  processes(): number[];
  remove(): Promise<void>;
}

/** @throws where a program that it needs is not here */
export async function stageElectron(electron: TestElectron): Promise<StagedElectron> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-electron-'));
  const at = (...names: string[]) => join(folder, ...names);
  const remove = () => rm(folder, { recursive: true, force: true });
  const program = at('start');
  const dataWords = ['--data-dir', at('data')];
  try {
    // Linked, not copied: it is hundreds of megabytes, and may lie where nobody else may look.
    execFileSync('cp', ['-al', electron.dist, at('dist')]);
    // By its own name it knows that it is an installed app.
    await rename(at('dist', electron.binary), at('dist', 'butterfly'));
    await stageApp(at('dist', 'resources', 'app'), electron.sqlite);
    await mkdir(at('dist', 'resources', 'runtime'));
    await symlink(process.execPath, at('dist', 'resources', 'runtime', 'node'));
    for (const name of ['data', 'home', 'tmp']) await mkdir(at(name), { mode: 0o700 });
    if (isRoot) {
      execFileSync('chown', ['-R', `${UID}:${GID}`, at('data'), at('home'), at('tmp')]);
      await chmod(folder, 0o755);
      await ownSandbox(at('dist', 'chrome-sandbox'));
    }
    await writeFile(program, launcher(folder), { mode: 0o755 });
  } catch (thrown) {
    await remove();
    throw thrown;
  }
  return {
    data: at('data'),
    wallets: at('home', '.bittensor', 'wallets'),
    config: at('home'),
    launch: () =>
      _electron.launch({ executablePath: program, args: dataWords, cwd: folder, chromiumSandbox: true }),
    run: (words, timeoutMs) =>
      new Promise((done) => {
        const options = { cwd: folder, timeout: timeoutMs };
        execFile(program, [...dataWords, ...words], options, (error, stdout, stderr) =>
          done({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
        );
      }),
    startAtTerminal: () => startAtTerminal(program, dataWords, folder),
    processes: () => wordsOfProcesses(`${at('dist')}/`).map(({ pid }) => pid),
    remove,
  };
}

function startAtTerminal(program: string, words: readonly string[], folder: string): StartedAtTerminal {
  const ofApp = () => wordsOfProcesses(join(folder, 'dist', 'butterfly'));
  const child = spawn(program, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  // Read, so that no full pipe holds it up while the terminal is there.
  for (const stream of [child.stdout, child.stderr]) stream.resume();
  return {
    closeTerminal() {
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    },
    isDrawing: () => ofApp().some((one) => one.words.includes('--type=renderer')),
    mainProcess() {
      const main = ofApp().find((one) => !one.words.includes('--type='));
      if (!main) throw new Error('the app does not run');
      return main.pid;
    },
  };
}

/** What an installed app has beside Electron: one file a process, the page, and the two packages that stay outside. */
async function stageApp(folder: string, sqlite: string | null): Promise<void> {
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await cp(resolve('package.json'), join(folder, 'package.json'));
  await cp(resolve('out'), join(folder, 'out'), { recursive: true });
  const own = resolve('node_modules');
  await symlink(join(own, 'webgpu'), join(folder, 'node_modules', 'webgpu'));
  if (sqlite) await stageOlderSqlite(sqlite, join(folder, 'node_modules'));
  else await symlink(join(own, 'better-sqlite3'), join(folder, 'node_modules', 'better-sqlite3'));
}

/** Chromium's sandbox wants its helper to be root's; a copy, because the link's other name is none of ours. */
async function ownSandbox(path: string): Promise<void> {
  await rename(path, `${path}.linked`);
  await cp(`${path}.linked`, path);
  await rm(`${path}.linked`);
  await chmod(path, 0o4755);
}

function launcher(folder: string): string {
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')];
  const display = process.env.DISPLAY ? [] : ['xvfb-run', '-a'];
  const user = isRoot ? ['setpriv', `--reuid=${UID}`, `--regid=${GID}`, '--clear-groups'] : [];
  // The display is that user's, too: its key is for nobody else.
  const own = ['env', `HOME=${home}`, `XDG_CONFIG_HOME=${home}`, `TMPDIR=${temporary}`];
  const words = [...user, ...own, ...display, join(folder, 'dist', 'butterfly')];
  return `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`;
}

/** Those whose command line begins so: Electron's own, the runtime's, and what they started from there. */
function wordsOfProcesses(beginning: string): { readonly pid: number; readonly words: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), words: wordsOf(name) }))
    .filter(({ words }) => words.startsWith(beginning));
}

function wordsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // Gone since it was listed.
    return '';
  }
}
