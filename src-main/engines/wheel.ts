import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { diskError } from '../../src-node/disk-error.ts';
import { writeAll } from '../../src-node/durable.ts';
import { within, withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { DOWNLOAD_LIMIT_MS, DOWNLOAD_SILENT_MS, INDEX_BYTES_MAX } from './limits.ts';
import { findProgram, type Running, runProgram } from './program.ts';

/** An archive of Python's package index that holds TensorFlow's C library. No Python is needed to use it. */
export interface Wheel {
  readonly project: string;
  readonly version: string;
  readonly python: string;
  readonly platforms: readonly string[];
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export const TENSORFLOW_WHEEL: Wheel = {
  project: 'tensorflow-cpu',
  version: '2.15.1',
  python: '3.11',
  platforms: ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
  file: 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
  bytes: 207_208_420,
  sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
};

/** Python's package index, in its simple form (PEP 691). */
const INDEX = 'https://pypi.org/simple/';

export interface FetchOptions extends Running {
  /** Where archives are kept until they are used. */
  readonly folder: string;
  told(share: number | null): void;
  /** Another index, for tests. */
  readonly index?: string;
  /** pip, which knows the mirrors and proxies of its user; null: there is none. */
  readonly pip?: string | null;
}

const indexSchema = v.object({
  files: v.array(
    v.object({
      filename: v.string(),
      url: v.pipe(v.string(), v.url()),
      hashes: v.object({ sha256: v.optional(v.string()) }),
    }),
  ),
});

/**
 * The archive, whole: the one that is there already, or brought by pip, or from the index itself, where a download that was
 * broken off goes on. Whoever brings it, its hash decides.
 * @returns its path
 * @throws {AppError} ENGINE_DOWNLOAD_FAILED, ENGINE_DOWNLOAD_DAMAGED, CANCELLED, or of the disk
 */
export async function fetchWheel(wheel: Wheel, options: FetchOptions): Promise<string> {
  const { folder, signal, log, pip = findProgram('pip') ?? findProgram('pip3') } = options;
  const path = join(folder, wheel.file);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
    throw diskError(thrown, folder);
  });
  if (await isWhole(path, wheel)) return path;
  await rm(path, { force: true });
  if (pip !== null && !existsSync(partOf(path))) {
    try {
      return await byPip(pip, wheel, path, options);
    } catch (thrown) {
      signal.throwIfAborted();
      log(`pip brings no ${wheel.file}: ${thrown}`);
    }
  }
  return fromIndex(wheel, path, options);
}

const partOf = (path: string): string => `${path}.part`;

async function byPip(pip: string, wheel: Wheel, path: string, options: FetchOptions): Promise<string> {
  const folder = join(options.folder, 'by-pip');
  options.told(null);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const words = [
      ...['download', '--no-deps', '--only-binary=:all:', '--no-input', '--progress-bar', 'off'],
      ...['--python-version', wheel.python, ...wheel.platforms.flatMap((name) => ['--platform', name])],
      ...['--dest', folder, `${wheel.project}==${wheel.version}`],
    ];
    await runProgram({ name: 'pip', command: pip, words, folder, limitMs: DOWNLOAD_LIMIT_MS }, options);
    const brought = join(folder, wheel.file);
    if (!(await isWhole(brought, wheel))) throw new AppError('ENGINE_DOWNLOAD_DAMAGED', { file: wheel.file });
    await rename(brought, path);
    return path;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fromIndex(wheel: Wheel, path: string, options: FetchOptions): Promise<string> {
  const part = partOf(path);
  try {
    const signal = withLimit(options.signal, DOWNLOAD_LIMIT_MS);
    const address = await addressOf(wheel, options.index ?? INDEX, signal);
    await download(address, part, { wheel, told: options.told, signal });
    if (!(await isWhole(part, wheel))) {
      await rm(part, { force: true });
      throw new AppError('ENGINE_DOWNLOAD_DAMAGED', { file: wheel.file });
    }
    await rename(part, path);
    return path;
  } catch (thrown) {
    if (options.signal.aborted) throw new AppError('CANCELLED', {}, thrown);
    const told = diskError(thrown, part);
    if (told instanceof AppError && told.code !== 'TIMEOUT' && told.code !== 'CANCELLED') throw told;
    throw new AppError('ENGINE_DOWNLOAD_FAILED', { file: wheel.file }, thrown);
  }
}

async function addressOf(wheel: Wheel, index: string, signal: AbortSignal): Promise<string> {
  const answer = await ask(new URL(`${wheel.project}/`, index), signal, {
    accept: 'application/vnd.pypi.simple.v1+json',
  });
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of chunksOf(answer, signal)) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > INDEX_BYTES_MAX) throw new Error('the index is too long');
  }
  const { files } = v.parse(indexSchema, JSON.parse(text));
  const found = files.find(
    ({ filename, hashes }) => filename === wheel.file && hashes.sha256 === wheel.sha256,
  );
  if (!found) throw new Error(`the index has no ${wheel.file}`);
  return found.url;
}

async function download(
  address: string,
  part: string,
  { wheel, told, signal }: Pick<FetchOptions, 'told' | 'signal'> & { readonly wheel: Wheel },
): Promise<void> {
  const there = await sizeOf(part);
  if (there > wheel.bytes) await rm(part);
  let at = there > wheel.bytes ? 0 : there;
  if (at === wheel.bytes) return;
  const answer = await ask(new URL(address), signal, at > 0 ? { range: `bytes=${at}-` } : {});
  // A server that does not go on where it was asked to begins anew.
  if (answer.status !== 206) at = 0;
  const file = await open(part, at > 0 ? 'a' : 'w', 0o600);
  try {
    for await (const bytes of chunksOf(answer, signal)) {
      at += bytes.length;
      if (at > wheel.bytes) throw new Error('more comes than the archive has');
      await writeAll(file, bytes);
      told(at / wheel.bytes);
    }
  } finally {
    await file.close();
  }
  if (at < wheel.bytes) throw new Error(`it ended after ${at} of ${wheel.bytes} bytes`);
}

async function ask(
  address: URL,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const answer = await within(fetch(address, { headers, signal }), 'a download', DOWNLOAD_SILENT_MS, signal);
  if (answer.ok) return answer;
  await answer.body?.cancel();
  throw new Error(`${address.host} answers ${answer.status}`);
}

async function* chunksOf(answer: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = answer.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), 'a download', DOWNLOAD_SILENT_MS, signal);
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function isWhole(path: string, { bytes, sha256 }: Wheel): Promise<boolean> {
  if ((await sizeOf(path)) !== bytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }))
    hash.update(chunk as Buffer);
  return hash.digest('hex') === sha256;
}
