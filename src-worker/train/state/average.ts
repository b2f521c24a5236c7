import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { contributorsFromHex, hasMember } from '../../../src-shared/reduce/bitmap.ts';
import {
  type AverageManifest,
  averageManifestSchema,
  spoolFiles,
  spoolFolder,
} from '../../../src-shared/spool.ts';
import { AVERAGE_MANIFEST_BYTES_PER_CHUNK, AVERAGE_MANIFEST_FRAME_BYTES } from '../limits.ts';
import { parseJson } from './current.ts';
import { readExactly, readSmall, withFile } from './files.ts';
import type { Replica } from './replica.ts';

const spoilt = (round: number, reason: string) => new AppError('SPOOL_MALFORMED', { round, reason });

/**
 * The round's average as `swarm` left it, checked as if a stranger had written it: sizes before anything is read,
 * the digest of every chunk before it is decoded.
 * @throws {AppError} SPOOL_MALFORMED
 */
export async function readAverageManifest(replica: Replica, round: number, rosterDigest: string) {
  const { chunkElements } = replica.consensus.codec;
  const chunkCount = Math.ceil(replica.elements / chunkElements);
  const path = join(replica.spoolDir, spoolFolder(round), spoolFiles.averageManifest);
  const text = await readSmall(
    path,
    AVERAGE_MANIFEST_FRAME_BYTES + chunkCount * AVERAGE_MANIFEST_BYTES_PER_CHUNK,
  );
  const parsed = v.safeParse(averageManifestSchema, parseJson(text ?? ''));
  if (text === null || !parsed.success) throw spoilt(round, 'no readable manifest of the average');
  const manifest = parsed.output;
  if (manifest.round !== round || manifest.rosterDigest !== rosterDigest)
    throw spoilt(round, 'the average belongs to another round or roster');
  if (manifest.elements !== replica.elements || manifest.chunkElements !== chunkElements)
    throw spoilt(round, 'the average is of another model');
  if (manifest.chunks.length !== chunkCount) throw spoilt(round, 'the average lists other chunks');
  return { manifest, digest: sha256Hex(new TextEncoder().encode(text)) };
}

/** A chunk decoded; null for one without result. */
export async function averageChunk(
  replica: Replica,
  manifest: AverageManifest,
  index: number,
): Promise<Float64Array | null> {
  const chunk = manifest.chunks[index];
  if (!chunk) return null;
  const path = join(replica.spoolDir, spoolFolder(manifest.round), spoolFiles.average);
  const bytes = await readAverageChunk(path, replica, manifest, index, chunk.sizeBytes);
  if (sha256Hex(bytes) !== chunk.digest)
    throw spoilt(manifest.round, `chunk ${index} does not have its digest`);
  return decodeFinite(replica, manifest.round, index, bytes);
}

async function readAverageChunk(
  path: string,
  { coder }: Replica,
  { round }: AverageManifest,
  index: number,
  sizeBytes = coder.resultMaxBytes(index),
) {
  if (sizeBytes > coder.resultMaxBytes(index)) throw spoilt(round, `chunk ${index} is longer than it can be`);
  const bytes = await withFile(path, async (file: FileHandle, fileBytes) =>
    fileBytes === coder.resultsBytes ? readExactly(file, coder.resultAt(index), sizeBytes) : null,
  );
  if (!bytes) throw spoilt(round, 'the average is absent or has another size');
  return bytes;
}

function decodeFinite({ coder }: Replica, round: number, index: number, bytes: Uint8Array): Float64Array {
  const values = coder.decodeResult(index, bytes);
  if (!values) throw spoilt(round, 'the average holds a value that is not finite or too large');
  return values;
}

/** One bit per chunk: my contribution is in its average. */
export const takenChunks = (manifest: AverageManifest): boolean[] =>
  manifest.chunks.map((chunk) => {
    if (!chunk || manifest.self === null) return false;
    return hasMember(contributorsFromHex(chunk.contributors), manifest.self);
  });
