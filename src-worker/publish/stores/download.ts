import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../../../src-node/disk-error.ts';
import { openOrCreate, publish, replaceFile, writeAt } from '../../../src-node/durable.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  bytesOfFiles,
  MANIFEST,
  MANIFEST_BYTES_MAX,
  type Manifest,
  readManifest,
  type StoredFile,
} from '../../../src-shared/published/manifest.ts';
import type { Progress } from '../progress.ts';
import { digestOf, portionsOf } from './local-state.ts';
import { readWhole } from './read-whole.ts';
import type { StateReader } from './store.ts';

export interface Wanted {
  readonly tag: string;
  /** null: every file. */
  readonly names: readonly string[] | null;
  readonly into: string;
  /** Of all its files together; left out: whatever the manifest says. */
  readonly bytesMax?: number | undefined;
}

/**
 * Brings a state into a folder, each file whole by its digest under its name and the manifest last. What an earlier try
 * left counts: files that are there are summed up, and one that broke off goes on where it ended.
 * @throws {AppError} STORE_STATE_MISSING, STORE_STATE_DAMAGED, of the store, or of the disk
 */
export async function downloadState(
  store: StateReader,
  { tag, names, into, bytesMax }: Wanted,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ readonly receivedBytes: number; readonly foundBytes: number }> {
  const text = await readWhole(store.read(tag, MANIFEST, { begin: 0 }, signal), MANIFEST_BYTES_MAX);
  const manifest = text === null ? null : readManifest(text);
  if (text === null || !manifest) throw damaged(MANIFEST, tag, 'it is none');
  if (manifest.tag !== tag) throw damaged(MANIFEST, tag, 'it is of another state');
  const files = chosen(manifest, names);
  if (bytesMax !== undefined && bytesOfFiles(files) > bytesMax)
    throw damaged(MANIFEST, tag, 'its files are larger than they were said to be');
  try {
    await mkdir(into, { recursive: true });
    progress.begin('receiving', bytesOfFiles(files));
    let foundBytes = 0;
    for (const file of files) foundBytes += await bring(store, { tag, file, into }, progress, signal);
    await replaceFile(join(into, MANIFEST), text);
    return { receivedBytes: bytesOfFiles(files) - foundBytes, foundBytes };
  } catch (thrown) {
    throw diskError(thrown, into);
  }
}

const damaged = (name: string, tag: string, what: string) =>
  new AppError('STORE_STATE_DAMAGED', { name, tag, what });

function chosen({ files, tag }: Manifest, names: readonly string[] | null): readonly StoredFile[] {
  if (names === null) return files;
  return names.map((name) => {
    const file = files.find((one) => one.name === name);
    if (!file) throw damaged(name, tag, 'it is not among its files');
    return file;
  });
}

/** @returns bytes that did not have to come */
async function bring(
  store: StateReader,
  { tag, file, into }: { readonly tag: string; readonly file: StoredFile; readonly into: string },
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const { name, sizeBytes, sha256 } = file;
  const path = join(into, name);
  const there = await stat(path).catch(() => null);
  if (there?.size === sizeBytes && (await digestOf(path, signal)) === sha256) {
    progress.add(sizeBytes);
    return sizeBytes;
  }
  const part = `${path}.part`;
  const begunBytes = (await stat(part).catch(() => null))?.size ?? 0;
  const fill = () => fillPart(store, { tag, file, part }, progress, signal);
  const foundBytes = await fill().catch((thrown: unknown) => {
    // What was begun may be of another store, which sent something else: this one is asked for all of it.
    if (isDamaged(thrown) && begunBytes > 0) return fill();
    throw thrown;
  });
  await publish(part, path);
  return foundBytes;
}

const isDamaged = (thrown: unknown): boolean =>
  thrown instanceof AppError && thrown.code === 'STORE_STATE_DAMAGED';

async function fillPart(
  store: StateReader,
  { tag, file, part }: { readonly tag: string; readonly file: StoredFile; readonly part: string },
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const target = await openOrCreate(part);
  try {
    const foundBytes = await receive(store, { tag, file, part, target }, progress, signal);
    await target.sync();
    await target.close();
    return foundBytes;
  } catch (thrown) {
    await target.close();
    // What is wrong must not be gone on with.
    if (isDamaged(thrown)) await rm(part, { force: true });
    throw thrown;
  }
}

async function receive(
  store: StateReader,
  from: {
    readonly tag: string;
    readonly file: StoredFile;
    readonly part: string;
    readonly target: FileHandle;
  },
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const { tag, file, part, target } = from;
  const sum = createHash('sha256');
  let at = 0;
  for await (const portion of portionsOf(part, { end: file.sizeBytes })) {
    signal.throwIfAborted();
    sum.update(portion);
    at += portion.length;
  }
  const foundBytes = at;
  progress.add(foundBytes);
  const wrong = (what: string) => {
    // It has to come once more.
    progress.add(-at);
    return damaged(file.name, tag, what);
  };
  if (at < file.sizeBytes)
    for await (const portion of store.read(tag, file.name, { begin: at }, signal)) {
      if (at + portion.length > file.sizeBytes) throw wrong('it is longer');
      sum.update(portion);
      await writeAt(target, portion, at);
      at += portion.length;
      progress.add(portion.length);
    }
  if (at < file.sizeBytes) throw new AppError('STORE_UNREACHABLE', { store: file.name, why: 'it broke off' });
  await target.truncate(file.sizeBytes);
  if (sum.digest('hex') !== file.sha256) throw wrong('its digest differs');
  return foundBytes;
}
