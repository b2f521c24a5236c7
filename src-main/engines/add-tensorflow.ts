import { mkdir, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../../src-node/disk-error.ts';
import { pause, withLimit } from '../../src-node/waits.ts';
import type { AddingStage } from '../../src-shared/contract/page/engines.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { buildBinding, findCompiler } from './build-binding.ts';
import { withKit } from './kit.ts';
import {
  DOWNLOAD_LIMIT_MS,
  DOWNLOAD_LOOK_MS,
  DOWNLOAD_SILENT_MS,
  ENGINE_ROOM_BYTES,
  PACKAGES_LIMIT_MS,
  TRY_LIMIT_MS,
  UNPACK_LIMIT_MS,
} from './limits.ts';
import { findNpm, runNpm } from './npm.ts';
import type { Running } from './program.ts';
import manifest from './tensorflow/package.json' with { type: 'json' };
import lockfile from './tensorflow/package-lock.json' with { type: 'json' };
import { fetchWheel, TENSORFLOW_WHEEL, type Wheel } from './wheel.ts';

const PACKAGE = '@tensorflow/tfjs-node-gpu';

export interface Adding extends Running {
  /** Becomes the engine; what lies there of before is gone. */
  readonly folder: string;
  /** Archives that are kept until the engine is there. */
  readonly downloads: string;
  told(stage: AddingStage, share: number | null): void;
  /** Free space that is demanded. */
  readonly roomBytes?: number;
  /** Where the library comes from if the package's own installer does not help; null: there is no second way. */
  readonly wheel?: Wheel | null;
}

const wheelForHere = (): Wheel | null =>
  process.platform === 'linux' && process.arch === 'x64' ? TENSORFLOW_WHEEL : null;

/**
 * Puts TensorFlow's engine together: the packages by npm, the library as the package's own installer has it. Where that
 * one fails, on Linux x64 the library comes out of Python's archive and the binding is compiled here. In the end the engine
 * is loaded and tried.
 * @returns what it said of itself
 * @throws {AppError} with what to do next
 */
export async function addTensorFlow(adding: Adding): Promise<{ readonly description: string }> {
  const { folder, told, signal, log, wheel = wheelForHere() } = adding;
  if (findNpm() === null) throw new AppError('ENGINE_NPM_MISSING');
  await beginFolder(folder, adding.roomBytes ?? ENGINE_ROOM_BYTES);
  told('packages', null);
  const npm = ['--no-audit', '--no-fund'];
  await runNpm(['ci', '--ignore-scripts', ...npm], { folder, limitMs: PACKAGES_LIMIT_MS }, adding);
  try {
    await ownInstaller(adding, [
      'rebuild',
      PACKAGE,
      '--ignore-scripts=false',
      '--foreground-scripts',
      ...npm,
    ]);
    return await tryEngine(adding);
  } catch (thrown) {
    signal.throwIfAborted();
    if (wheel === null) throw thrown;
    log(`the package's own installer does not help: ${thrown}`);
  }
  await fromWheel(wheel, adding);
  return tryEngine(adding);
}

async function beginFolder(folder: string, roomBytes: number): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < roomBytes)
      throw new AppError('ENGINE_NO_ROOM', { path: folder, neededGb: (roomBytes / 1e9).toFixed(1) });
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
    await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lockfile, null, 2));
  } catch (thrown) {
    throw diskError(thrown, folder);
  }
}

/** Its own script downloads the library; it says nothing on the way, so its folder is watched. */
async function ownInstaller(adding: Adding, words: readonly string[]): Promise<void> {
  const { folder, told, signal, log } = adding;
  told('own-download', null);
  const silent = new AbortController();
  const done = new AbortController();
  const watching = watchGrowth(join(folder, 'node_modules', PACKAGE), silent, done.signal);
  try {
    const either = AbortSignal.any([signal, silent.signal]);
    await runNpm(words, { folder, limitMs: DOWNLOAD_LIMIT_MS }, { signal: either, log });
  } catch (thrown) {
    // Nobody cancelled it: nothing came any more.
    if (silent.signal.aborted && !signal.aborted)
      throw new AppError(
        'ENGINE_STEP_FAILED',
        { program: 'npm', reason: `nothing arrived for ${DOWNLOAD_SILENT_MS / 1_000} s` },
        thrown,
      );
    throw thrown;
  } finally {
    done.abort();
    await watching;
  }
}

/** Aborts `silent` once nothing has been added to a folder for long. */
async function watchGrowth(folder: string, silent: AbortController, done: AbortSignal): Promise<void> {
  let bytes = -1;
  let grewAtMs = performance.now();
  while (!done.aborted && !silent.signal.aborted) {
    const now = await bytesBelow(folder);
    if (now !== bytes) grewAtMs = performance.now();
    bytes = now;
    if (performance.now() - grewAtMs > DOWNLOAD_SILENT_MS) silent.abort();
    await pause(DOWNLOAD_LOOK_MS, done);
  }
}

/** What lies below a folder, as far as it can be read. */
export async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    bytes += await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}

async function fromWheel(source: Wheel, adding: Adding): Promise<void> {
  const { folder, downloads, told, signal } = adding;
  // Asked before 200 MB are fetched for nothing.
  const compiler = findCompiler();
  told('library-download', 0);
  const wheel = await fetchWheel(source, {
    ...adding,
    folder: downloads,
    told: (share) => told('library-download', share),
  });
  const home = join(folder, 'node_modules', PACKAGE);
  const include = join(folder, 'include');
  told('library-unpack', 0);
  // What the own installer left of a library would be found first.
  for (const name of ['deps', 'lib']) await rm(join(home, name), { recursive: true, force: true });
  await withKit(folder, adding, async (kit) => {
    kit.on('unpacked', ({ share }) => told('library-unpack', share));
    await kit.call('unpack', { wheel, include }, withLimit(signal, UNPACK_LIMIT_MS));
  });
  told('build', null);
  const headers = [join(folder, 'node_modules', 'node-api-headers', 'include'), include];
  await buildBinding({ compiler, package: home, headers }, adding);
  await rm(include, { recursive: true, force: true });
}

async function tryEngine(adding: Adding): Promise<{ readonly description: string }> {
  adding.told('try', null);
  return withKit(adding.folder, adding, (kit) => kit.call('try', {}, withLimit(adding.signal, TRY_LIMIT_MS)));
}
