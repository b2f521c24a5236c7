import * as v from 'valibot';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { OptimizerState } from '../engine/engine.ts';
import { SNAPSHOT_HEADER_MAX_BYTES } from '../limits.ts';
import { jsonBytes, parseJson } from './current.ts';
import type { Disk } from './disk.ts';
import { readExactly, withFile } from './files.ts';
import { type Progress, progressSchema } from './progress.ts';
import { bytesOf, floatsOf, readSealed, SEAL_BYTES } from './vectors.ts';

/** The local replica at one moment: weights, AdamW moments, and how far training has come. */
export interface LocalImage {
  readonly parameters: Float32Array;
  readonly optimizer: OptimizerState;
  readonly progress: Progress;
}

const MAGIC = new TextEncoder().encode('BFLYSNP1');
const PREFIX_BYTES = MAGIC.length + 4;

const headerSchema = v.object({ baseId: digest, optimizerStep: count, progress: progressSchema });

/** @param signal gives up between two slices of the file */
export async function writeSnapshot(
  disk: Disk,
  path: string,
  image: LocalImage,
  { baseId, signal }: { readonly baseId: Hex; readonly signal?: AbortSignal },
): Promise<void> {
  const { parameters, optimizer, progress } = image;
  const header = jsonBytes({ baseId, optimizerStep: optimizer.step, progress });
  const prefix = new Uint8Array(vectorsOffset(header.length));
  prefix.set(MAGIC);
  new DataView(prefix.buffer).setUint32(MAGIC.length, header.length, true);
  prefix.set(header, PREFIX_BYTES);
  await disk.write(path, [prefix, bytesOf(parameters), bytesOf(optimizer.m), bytesOf(optimizer.v)], {
    seal: true,
    ...(signal && { signal }),
  });
}

/** null for a file that is absent, torn, of another model, or made on another base. */
export async function readSnapshot(path: string, elements: number, baseId: Hex): Promise<LocalImage | null> {
  return withFile(path, async (file, sizeBytes) => {
    if (sizeBytes < PREFIX_BYTES) return null;
    const prefix = await readExactly(file, 0, PREFIX_BYTES);
    const headerBytes = new DataView(prefix.buffer).getUint32(MAGIC.length, true);
    if (headerBytes > SNAPSHOT_HEADER_MAX_BYTES || !startsWithMagic(prefix)) return null;
    if (sizeBytes !== vectorsOffset(headerBytes) + 12 * elements + SEAL_BYTES) return null;
    const content = await readSealed(file, sizeBytes);
    return content && parseSnapshot(content, headerBytes, elements, baseId);
  });
}

function parseSnapshot(
  content: Uint8Array,
  headerBytes: number,
  elements: number,
  baseId: Hex,
): LocalImage | null {
  const text = new TextDecoder().decode(content.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes));
  const header = v.safeParse(headerSchema, parseJson(text));
  if (!header.success || header.output.baseId !== baseId) return null;
  const vector = (index: number) =>
    floatsOf(content, vectorsOffset(headerBytes) + index * 4 * elements, elements);
  return {
    parameters: vector(0),
    optimizer: { step: header.output.optimizerStep, m: vector(1), v: vector(2) },
    progress: header.output.progress,
  };
}

/** Vectors begin at a multiple of 4, so that they can be viewed in place. */
const vectorsOffset = (headerBytes: number): number => Math.ceil((PREFIX_BYTES + headerBytes) / 4) * 4;

const startsWithMagic = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte);
