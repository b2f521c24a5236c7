import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskError } from '../../src-node/disk-error.ts';
import { publish, writeAll } from '../../src-node/durable.ts';
import { whyNot } from '../../src-node/fetch-text.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { ReleaseFile } from './feed.ts';
import { DOWNLOAD_LIMIT_MS, DOWNLOAD_SILENT_MS, ROOM_BESIDE_BYTES, TOLD_EVERY_BYTES } from './limits.ts';
import { stillCalls } from './still.ts';

export interface WantedFile {
  readonly version: string;
  readonly file: ReleaseFile;
  /** Where it is fetched from. */
  readonly address: string;
  /** Of releases that were fetched. */
  readonly folder: string;
}

export interface DownloadLimits {
  readonly silentMs: number;
  readonly wholeMs: number;
}

/**
 * Fetches a file of a release. It gets its name when every byte of it is what was signed, and lies synced on the disk;
 * whatever else came is deleted.
 * @returns its path
 * @throws {AppError} UPDATE_FETCH_FAILED, UPDATE_FILE_WRONG, CANCELLED, or of the disk
 */
export async function download(
  wanted: WantedFile,
  told: (bytes: number) => void,
  signal: AbortSignal,
  limits: DownloadLimits = { silentMs: DOWNLOAD_SILENT_MS, wholeMs: DOWNLOAD_LIMIT_MS },
): Promise<string> {
  const path = placeOf(wanted);
  const draft = `${path}.part`;
  try {
    await mkdir(wanted.folder, { recursive: true, mode: 0o700 });
    await checkRoom(wanted);
    await fetchInto(draft, wanted, { told, signal, limits });
    await publish(draft, path);
    return path;
  } catch (thrown) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw diskError(thrown, path);
  }
}

/** Where a file of a release lies, once it is there. */
export const placeOf = ({ folder, version, file }: Omit<WantedFile, 'address'>): string =>
  join(folder, version, file.name);

/**
 * Whether a file is what was signed, to the last byte. Read in parts, off the loop.
 * @throws {AppError} UPDATE_FILE_WRONG; the file is deleted then. CANCELLED, and the file stays: nothing is known of it
 */
export async function verifyFile(
  path: string,
  { version, file }: Pick<WantedFile, 'version' | 'file'>,
  signal: AbortSignal,
): Promise<void> {
  const why = await faultOf(path, file, signal);
  if (why === null) return;
  await rm(path, { force: true });
  throw new AppError('UPDATE_FILE_WRONG', { version, why });
}

/** Deletes what is no file of this release: older ones, and halves. */
export async function tidyReleases(folder: string, keep: Omit<WantedFile, 'address'> | null): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names)
    if (name !== keep?.version) await rm(join(folder, name), { recursive: true, force: true });
  if (keep) await rm(`${placeOf(keep)}.part`, { force: true });
}

async function faultOf(
  path: string,
  { bytes, sha512 }: ReleaseFile,
  signal: AbortSignal,
): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return 'the file is gone';
  if (found.size !== bytes) return `${found.size} bytes instead of ${bytes}`;
  const hash = createHash('sha512');
  try {
    for await (const part of createReadStream(path, { signal })) hash.update(part as Buffer);
  } catch (thrown) {
    if (signal.aborted) throw new AppError('CANCELLED', {}, thrown);
    throw thrown;
  }
  return hash.digest('hex') === sha512 ? null : 'another checksum';
}

async function checkRoom({ folder, file }: WantedFile): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < file.bytes + ROOM_BESIDE_BYTES) throw new AppError('DISK_FULL', { path: folder });
}

async function fetchInto(
  draft: string,
  { version, file, address }: WantedFile,
  { told, signal, limits }: { told(bytes: number): void; signal: AbortSignal; limits: DownloadLimits },
): Promise<void> {
  const still = stillCalls(signal, limits);
  try {
    await mkdir(dirname(draft), { recursive: true, mode: 0o700 });
    const answer = await fetch(address, { signal: still.signal, cache: 'no-store' });
    if (!answer.ok || !answer.body)
      throw new AppError('UPDATE_FETCH_FAILED', { version, why: `answer ${answer.status}` });
    await writeParts(draft, answer.body, { version, file, told, heard: still.heard });
  } catch (thrown) {
    if (signal.aborted) throw new AppError('CANCELLED', {}, thrown);
    if (thrown instanceof AppError || isOfDisk(thrown)) throw thrown;
    const why = still.signal.aborted ? 'too slow' : whyNot(thrown);
    throw new AppError('UPDATE_FETCH_FAILED', { version, why }, thrown);
  } finally {
    still.stop();
  }
}

interface Writing extends Pick<WantedFile, 'version' | 'file'> {
  told(bytes: number): void;
  /** Something came. */
  heard(): void;
}

/** Each part is counted before it is written: more than was signed is never kept. */
async function writeParts(
  draft: string,
  body: AsyncIterable<Uint8Array>,
  { version, file, told, heard }: Writing,
): Promise<void> {
  const hash = createHash('sha512');
  const wrong = (why: string) => new AppError('UPDATE_FILE_WRONG', { version, why });
  const handle = await open(draft, 'w', 0o600);
  let [bytes, toldAt] = [0, 0];
  try {
    for await (const part of body) {
      heard();
      bytes += part.length;
      if (bytes > file.bytes) throw wrong(`more than ${file.bytes} bytes`);
      hash.update(part);
      await writeAll(handle, part);
      if (bytes - toldAt < TOLD_EVERY_BYTES) continue;
      toldAt = bytes;
      told(bytes);
    }
    if (bytes < file.bytes) throw wrong(`${bytes} bytes instead of ${file.bytes}`);
    if (hash.digest('hex') !== file.sha512) throw wrong('another checksum');
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Errors of the system name a call themselves; those of a connection come as the cause of fetch's own. */
const isOfDisk = (thrown: unknown): boolean =>
  typeof (thrown as NodeJS.ErrnoException | null)?.syscall === 'string';
