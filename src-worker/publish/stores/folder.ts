import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { diskError, readError } from '../../../src-node/disk-error.ts';
import { publish, replaceFile, syncFolder, writeAll } from '../../../src-node/durable.ts';
import { readTextBounded } from '../../../src-node/read-bounded.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { PROFILE_BYTES_MAX } from '../../../src-shared/profile/limits.ts';
import {
  bytesOfFiles,
  compareTags,
  MANIFEST,
  MANIFEST_BYTES_MAX,
  type StoredFile,
  stateTagSchema,
} from '../../../src-shared/published/manifest.ts';
import {
  INDEXED_STATES_MAX,
  STATE_INDEX,
  STATE_INDEX_BYTES_MAX,
  writeStateIndex,
} from '../../../src-shared/published/state-index.ts';
import { FREE_BYTES_LEFT } from '../limits.ts';
import { digestOf, portionsOf } from './local-state.ts';
import {
  demandDigest,
  demandSameProfile,
  differs,
  type LocalProfile,
  type LocalState,
  missing,
  type Put,
  type ReadRange,
  type StateStore,
  type StoredState,
  type StoreGround,
  type Verified,
} from './store.ts';

/** Under which a state is written, beside its later name: after a kill it is gone on with. */
const draftOf = (tag: string): string => `.${tag}.new`;
const GONE = '.gone-';

/**
 * States in a folder of the user's: another disk, a share of the network, a folder that another program synchronises.
 * Each is a folder named by its tag that appears by one rename, the manifest in it. Beside them lies what it has as a
 * list, so that the folder can be put behind any server of the web (`web.ts`).
 */
export function folderStore(root: string, { pace, progress }: StoreGround): StateStore {
  async function list(): Promise<readonly StoredState[]> {
    const names = await readdir(root).catch((thrown: NodeJS.ErrnoException) => {
      throw thrown.code === 'ENOENT' ? absent() : readError(thrown, root);
    });
    const tags = names.filter((name) => v.is(stateTagSchema, name));
    const states = await Promise.all(tags.slice(0, INDEXED_STATES_MAX).map(stateOf));
    return states.filter((state) => state !== null).sort((a, b) => compareTags(a.tag, b.tag));
  }

  async function stateOf(tag: string): Promise<StoredState | null> {
    const found = await stat(join(root, tag, MANIFEST)).catch(() => null);
    return found?.isFile() ? { tag, revision: String(found.mtimeMs) } : null;
  }

  async function put(local: LocalState, _options: unknown, signal: AbortSignal): Promise<Put> {
    const { manifest, manifestText } = local;
    const { tag, files } = manifest;
    const allBytes = bytesOfFiles(files);
    await demandThere();
    const there = await readTextBounded(join(root, tag, MANIFEST), MANIFEST_BYTES_MAX);
    if (there !== undefined) {
      if (there !== manifestText) throw differs(root, tag);
      await keepIndex();
      return { state: (await stateOf(tag))!, sentBytes: 0, foundBytes: allBytes };
    }
    const draft = join(root, draftOf(tag));
    try {
      await mkdir(draft, { recursive: true });
      let foundBytes = 0;
      progress.begin('sending', allBytes);
      for (const file of files) foundBytes += await place(local, file, draft, signal);
      progress.begin('committing', allBytes);
      await replaceFile(join(draft, MANIFEST), manifestText, 0o644);
      await publish(draft, join(root, tag));
      await keepIndex();
      return { state: (await stateOf(tag))!, sentBytes: allBytes - foundBytes, foundBytes };
    } catch (thrown) {
      throw diskError(thrown, root);
    }
  }

  /** After whatever changed, and where a kill came between that and the list. @throws {AppError} of the disk */
  async function keepIndex(): Promise<void> {
    const path = join(root, STATE_INDEX);
    const text = writeStateIndex(await list());
    if ((await readTextBounded(path, STATE_INDEX_BYTES_MAX)) === text) return;
    await replaceFile(path, text, 0o644).catch((thrown: unknown) => {
      throw diskError(thrown, path);
    });
  }

  /** @returns bytes that were there already */
  async function place(local: LocalState, file: StoredFile, draft: string, signal: AbortSignal) {
    const { name, sizeBytes, sha256 } = file;
    const path = join(draft, name);
    if (
      (await stat(path).catch(() => null))?.size === sizeBytes &&
      (await digestOf(path, signal)) === sha256
    ) {
      progress.add(sizeBytes);
      return sizeBytes;
    }
    await demandRoom(sizeBytes);
    const sum = createHash('sha256');
    const target = await open(path, 'w', 0o644);
    try {
      for await (const portion of portionsOf(join(local.folder, name))) {
        await pace.take(portion.length, signal);
        signal.throwIfAborted();
        sum.update(portion);
        await writeAll(target, portion);
        progress.add(portion.length);
      }
      await target.sync();
    } finally {
      await target.close();
    }
    demandDigest(local.folder, file, sum.digest('hex'));
    return 0;
  }

  async function demandRoom(sizeBytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(root);
    if (bavail * bsize >= sizeBytes + FREE_BYTES_LEFT) return;
    throw new AppError('STORE_FULL', { place: root, neededMib: Math.ceil(sizeBytes / 2 ** 20) });
  }

  async function demandThere(): Promise<void> {
    const found = await stat(root).catch((thrown: NodeJS.ErrnoException) => {
      // It is not made: a disk that is not mounted would be written over where it belongs.
      throw thrown.code === 'ENOENT' ? absent() : readError(thrown, root);
    });
    if (!found.isDirectory()) throw absent();
  }

  const absent = () => new AppError('STORE_PLACE_MISSING', { place: root });

  async function* read(tag: string, name: string, { begin, end }: ReadRange, signal: AbortSignal) {
    const path = join(root, tag, name);
    if ((await stateOf(tag)) === null || !(await stat(path).catch(() => null))?.isFile())
      throw missing(root, tag);
    for await (const portion of portionsOf(path, { begin, ...(end !== undefined && { end }) })) {
      signal.throwIfAborted();
      yield portion;
    }
  }

  async function keepFrom(oldest: string): Promise<void> {
    const old = (await list()).filter(({ tag }) => compareTags(tag, oldest) < 0);
    try {
      for (const { tag } of old) {
        // By one rename, so that nobody finds half of it; what a kill leaves of that goes with the next.
        await rename(join(root, tag), join(root, `${GONE}${tag}-${randomBytes(4).toString('hex')}`));
      }
      await keepIndex();
      const gone = (await readdir(root)).filter((name) => name.startsWith(GONE));
      for (const name of gone) await rm(join(root, name), { recursive: true, force: true });
      await syncFolder(root);
    } catch (thrown) {
      throw diskError(thrown, root);
    }
  }

  async function verify(sample: Uint8Array): Promise<Verified> {
    await demandThere();
    await demandRoom(sample.length);
    const path = join(root, `.test-${randomBytes(6).toString('hex')}`);
    try {
      const beganMs = performance.now();
      await replaceFile(path, sample);
      const sentMs = performance.now() - beganMs;
      const back = await readFile(path);
      if (!back.equals(sample)) throw new AppError('STORE_ROUND_TRIP_WRONG', { store: root });
      const receivedMs = performance.now() - beganMs - sentMs;
      return { account: null, place: root, isPublic: null, sentMs, receivedMs };
    } catch (thrown) {
      throw diskError(thrown, root);
    } finally {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }

  /** Its folder is made where there is none: it is a few kilobytes, which nobody would miss who finds them elsewhere. */
  async function putProfile(profile: LocalProfile): Promise<boolean> {
    const path = join(root, profile.path);
    const there = await readTextBounded(path, PROFILE_BYTES_MAX);
    if (there !== undefined) {
      demandSameProfile(root, profile, there);
      return false;
    }
    progress.begin('sending', Buffer.byteLength(profile.text));
    try {
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, profile.text, 0o644);
    } catch (thrown) {
      throw diskError(thrown, root);
    }
    return true;
  }

  return { verify, list, put, putProfile, read, keepFrom };
}
