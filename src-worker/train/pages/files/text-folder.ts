import { createHash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import * as v from 'valibot';
import { readError } from '../../../../src-node/disk-error.ts';
import { durableJson } from '../../../../src-node/durable-json.ts';
import { count, digest, finite } from '../../../../src-shared/contract/fields.ts';
import { AppError, type CodedError } from '../../../../src-shared/errors/app-error.ts';
import { byName, type TextFile } from '../../../../src-shared/text-manifest.ts';
import { hex } from '../../../../src-shared/units.ts';
import { FILES_MOST, HASHED_SLICE_BYTES } from '../limits.ts';

/** How a file is read, by the end of its name. Others are none of the data set. */
export type TextFormat = 'parquet' | 'lines' | 'text';

const formats: Readonly<Record<string, TextFormat>> = {
  parquet: 'parquet',
  jsonl: 'lines',
  ndjson: 'lines',
  txt: 'text',
  text: 'text',
  md: 'text',
};

type Stamp = Pick<LocalFile, 'sizeBytes' | 'modifiedAtMs' | 'sha256'>;

/** A file of a team's data set, as it was when it was hashed. */
export interface LocalFile extends TextFile {
  readonly path: string;
  readonly format: TextFormat;
  readonly modifiedAtMs: number;
}

export const formatOf = (name: string): TextFormat | null =>
  formats[/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? null;

const hashedSchema = v.object({
  files: v.record(v.string(), v.object({ sizeBytes: count, modifiedAtMs: finite, sha256: digest })),
});

/** Where hashes are remembered: a file of the same size and time is not read through again. */
export interface HashMemory {
  readonly path: string;
  told(error: CodedError): void;
}

/**
 * The text files below a folder, in the order of their names, each with its SHA-256. Links and names that begin with a dot
 * are passed over. Reading through hundreds of gigabytes takes its time, once.
 * @throws {AppError} TEXT_NOT_FOUND where there are none, TEXT_TOO_LARGE, TEXT_FILE_CHANGED, of the disk
 * @throws the signal's reason
 */
export async function listTextFiles(
  folder: string,
  memory: HashMemory | null,
  signal: AbortSignal,
): Promise<readonly LocalFile[]> {
  const names = await namesIn(folder);
  const kept = memory && durableJson({ ...memory, schema: hashedSchema });
  const known = (await kept?.read())?.files ?? {};
  const files: LocalFile[] = [];
  for (const { name, path, format } of names) {
    signal.throwIfAborted();
    files.push({ name, path, format, ...(await hashed(path, known[name], signal)) });
  }
  const remembered = files.map(({ name, sizeBytes, modifiedAtMs, sha256 }) => [
    name,
    { sizeBytes, modifiedAtMs, sha256 },
  ]);
  // A full disk costs the reading once more.
  await kept?.write({ files: Object.fromEntries(remembered) }).catch(() => {});
  return files;
}

async function namesIn(folder: string): Promise<readonly Pick<LocalFile, 'name' | 'path' | 'format'>[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((thrown: unknown) => {
    throw readError(thrown, folder);
  });
  const found = entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    // One system composes accents, another takes them apart: the manifest must not tell.
    const name = relative(folder, path).split(sep).join('/').normalize('NFC');
    const format = formatOf(name);
    const isHidden = name.split('/').some((part) => part.startsWith('.'));
    return entry.isFile() && format && !isHidden && !/\p{Cc}/u.test(name) ? [{ name, path, format }] : [];
  });
  if (found.length > FILES_MOST)
    throw new AppError('TEXT_TOO_LARGE', { what: folder, reason: `${found.length} files` });
  if (found.length === 0) throw new AppError('TEXT_NOT_FOUND', { host: folder, what: 'file of text' });
  return found.toSorted((a, b) => byName(a.name, b.name));
}

async function hashed(path: string, known: Stamp | undefined, signal: AbortSignal): Promise<Stamp> {
  const file = await open(path, 'r').catch((thrown: unknown) => {
    throw readError(thrown, path);
  });
  try {
    const { size: sizeBytes, mtimeMs: modifiedAtMs } = await file.stat();
    if (known?.sizeBytes === sizeBytes && known.modifiedAtMs === modifiedAtMs) return known;
    const hash = createHash('sha256');
    const slice = Buffer.allocUnsafe(HASHED_SLICE_BYTES);
    let bytes = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(slice, 0, slice.length, bytes);
      if (bytesRead === 0) break;
      hash.update(slice.subarray(0, bytesRead));
      bytes += bytesRead;
    }
    if (bytes !== sizeBytes) throw new AppError('TEXT_FILE_CHANGED', { path });
    return { sizeBytes, modifiedAtMs, sha256: hex(hash.digest('hex')) };
  } finally {
    await file.close();
  }
}

/**
 * Bytes [start, end) of a file, all of them.
 * @throws {AppError} TEXT_FILE_CHANGED when it is another one than was hashed; of the disk
 */
export async function readLocal(
  { path, sizeBytes, modifiedAtMs }: LocalFile,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((thrown: unknown) => {
    throw readError(thrown, path);
  });
  try {
    const { size, mtimeMs } = await file.stat();
    if (size !== sizeBytes || mtimeMs !== modifiedAtMs) throw new AppError('TEXT_FILE_CHANGED', { path });
    const bytes = Buffer.allocUnsafeSlow(end - start);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at);
      if (bytesRead === 0) throw new AppError('TEXT_FILE_CHANGED', { path });
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
