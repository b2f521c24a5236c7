import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as scure from '@scure/sr25519';
import * as v from 'valibot';
import type { ResultOf } from '../../../src-shared/contract/child.ts';
import type { ModelContract } from '../../../src-shared/contract/model.ts';
import { AppError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { PROFILE_BYTES_MAX } from '../../../src-shared/profile/limits.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import { type Consensus, consensusSchema } from '../../../src-shared/profile/schema.ts';
import {
  bytesOfFiles,
  isSignedBy,
  MANIFEST,
  MANIFEST_BYTES_MAX,
  type Manifest,
  PROFILE_FILE,
  readManifest,
  type StoredFile,
} from '../../../src-shared/published/manifest.ts';
import { stateStems } from '../../../src-shared/published/weight-parts.ts';
import { FILE_SLICE_BYTES } from '../limits.ts';
import { parseJson } from '../state/current.ts';
import { openFile, readSmall } from '../state/files.ts';
import { digestOfState } from './state-folder.ts';

export interface Watched {
  readonly signal: AbortSignal;
  seen(done: number, all: number): void;
}

/**
 * What is so of a state that was brought here: its files against its manifest, the manifest against its hotkey, the
 * weights against the base digest.
 * @throws {AppError} MODEL_FILE_MISSING, STORE_STATE_DAMAGED for a manifest that is none
 */
export async function checkState(
  folder: string,
  watched: Watched,
): Promise<ResultOf<ModelContract, 'checkState'>> {
  const manifest = await manifestIn(folder);
  const damaged = await damagedFiles(folder, manifest.files, watched);
  const verify = (message: Uint8Array, signature: Uint8Array, key: Uint8Array) =>
    scure.verify(message, signature, key);
  return {
    damaged,
    isSigned: isSignedBy(manifest, verify),
    weights: damaged.length > 0 ? 'unknown' : await weightsOf(folder, manifest, watched.signal),
  };
}

/** @throws {AppError} MODEL_FILE_MISSING, STORE_STATE_DAMAGED */
export async function manifestIn(folder: string): Promise<Manifest> {
  const text = await readSmall(join(folder, MANIFEST), MANIFEST_BYTES_MAX);
  if (text === null) throw new AppError('MODEL_FILE_MISSING', { path: folder, name: MANIFEST });
  const manifest = readManifest(text);
  if (!manifest) throw new AppError('STORE_STATE_DAMAGED', { name: MANIFEST, tag: '', what: 'it is none' });
  return manifest;
}

async function damagedFiles(
  folder: string,
  files: readonly StoredFile[],
  { signal, seen }: Watched,
): Promise<string[]> {
  const damaged: string[] = [];
  const all = bytesOfFiles(files);
  let done = 0;
  for (const file of files) {
    const isSound = await sumsUp(join(folder, file.name), file, signal, (bytes) => {
      done += bytes;
      seen(done, all);
    });
    if (!isSound) damaged.push(file.name);
  }
  return damaged;
}

/** Whether a file is what its manifest says. One that the disk cannot give is not. */
async function sumsUp(
  path: string,
  { sizeBytes, sha256 }: StoredFile,
  signal: AbortSignal,
  seen: (bytes: number) => void,
): Promise<boolean> {
  const opened = await openFile(path).catch(() => null);
  if (!opened) return false;
  try {
    if (opened.sizeBytes !== sizeBytes) return false;
    const sum = createHash('sha256');
    const buffer = Buffer.allocUnsafe(FILE_SLICE_BYTES);
    for (let at = 0; at < sizeBytes; ) {
      signal.throwIfAborted();
      const { bytesRead } = await opened.file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return false;
      sum.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
      seen(bytesRead);
    }
    return sum.digest('hex') === sha256;
  } catch (thrown) {
    signal.throwIfAborted();
    console.error(`the disk cannot read ${path}`, thrown);
    return false;
  } finally {
    await opened.file.close();
  }
}

/** Unknown where the profile, whose pieces the digest is built of, or a vector is not among the files. */
async function weightsOf(
  folder: string,
  { run, baseDigest, files }: Manifest,
  signal: AbortSignal,
): Promise<'same' | 'other' | 'unknown'> {
  const hasMomentum = files.some(({ name }) => name.startsWith(stateStems.momentum));
  const consensus = await consensusIn(folder);
  if (!hasMomentum || !consensus || profileHash(consensus) !== run.profileHash) return 'unknown';
  try {
    return (await digestOfState(folder, consensus, signal)) === baseDigest ? 'same' : 'other';
  } catch (thrown) {
    signal.throwIfAborted();
    const { code } = toCodedError(thrown);
    // Files of another model than their own profile names come to no digest of it.
    if (
      ['MODEL_FILE_MISSING', 'MODEL_FILE_MALFORMED', 'MODEL_FILE_FOREIGN', 'MODEL_FILE_NOT_FINITE'].includes(
        code,
      )
    )
      return 'other';
    throw thrown;
  }
}

const profileFile = v.object({ consensus: consensusSchema });

async function consensusIn(folder: string): Promise<Consensus | null> {
  const text = await readSmall(join(folder, PROFILE_FILE), PROFILE_BYTES_MAX);
  if (text === null) return null;
  await setImmediate();
  const parsed = v.safeParse(profileFile, parseJson(text));
  return parsed.success ? parsed.output.consensus : null;
}
