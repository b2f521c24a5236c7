import type { FileHandle } from 'node:fs/promises';
import * as v from 'valibot';
import { count, digest, finite } from '../../../src-shared/contract/fields.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { LossScale } from '../engine/engine.ts';
import { SNAPSHOT_HEADER_MAX_BYTES } from '../limits.ts';
import { type VectorSource, type VectorWindow, windowsOf, zeros } from '../vector-source.ts';
import { jsonBytes, parseJson } from './current.ts';
import type { Disk } from './disk.ts';
import { readExactly, withFile } from './files.ts';
import { inFile } from './in-file.ts';
import { type Progress, progressSchema } from './progress.ts';
import { bytesOf, isSealed, SEAL_BYTES } from './vectors.ts';

/** Weights, first and second moments of AdamW, in the order in which they stand in a snapshot. */
export const LOCAL_VECTORS = ['parameters', 'm', 'v'] as const;

/** A window of one of the local replica's vectors. */
export interface LocalWindow extends VectorWindow {
  readonly vector: (typeof LOCAL_VECTORS)[number];
}

/**
 * The local replica at one moment: how far training has come, and its vectors. These are three times the model, so
 * nobody has them whole: they pass by in windows, each of which holds until the next is asked for.
 */
export interface LocalImage {
  readonly progress: Progress;
  /** Steps that the moments have seen. */
  readonly optimizerStep: number;
  /** As long as the windows hold; null where gradients flow unscaled. */
  lossScale(): Promise<LossScale | null>;
  windows(): AsyncIterable<LocalWindow>;
}

/** The local replica as a file holds it, its weights at hand by themselves. */
export interface StoredImage extends LocalImage {
  readonly parameters: VectorSource;
  /** Other weights with these moments. */
  onto(parameters: VectorSource): LocalImage;
}

/** Weights at the start of their training: no moments yet. What its engine scales gradients by stays as it is. */
export function freshImage(
  parameters: VectorSource,
  elements: number,
  { progress, lossScale = async () => null }: Pick<LocalImage, 'progress'> & Partial<LocalImage>,
): LocalImage {
  const windows = () => windowsOfAll({ parameters, m: zeros, v: zeros }, elements);
  return { progress, optimizerStep: 0, lossScale, windows };
}

/** All three vectors of a replica in the order of a snapshot. */
export async function* windowsOfAll(
  sources: Readonly<Record<LocalWindow['vector'], VectorSource>>,
  elements: number,
): AsyncGenerator<LocalWindow> {
  for (const vector of LOCAL_VECTORS)
    for await (const window of windowsOf(sources[vector], elements)) yield { vector, ...window };
}

const MAGIC = new TextEncoder().encode('BFLYSNP1');
const PREFIX_BYTES = MAGIC.length + 4;

const lossScaleSchema = v.object({ scale: v.pipe(finite, v.gtValue(0)), fittedSteps: count });

const headerSchema = v.object({
  baseId: digest,
  optimizerStep: count,
  progress: progressSchema,
  lossScale: v.optional(v.nullable(lossScaleSchema), null),
});

type Header = v.InferOutput<typeof headerSchema>;

/**
 * @param signal gives up between two slices of the file
 * @returns the weights as they lie in the file
 */
export async function writeSnapshot(
  disk: Disk,
  path: string,
  image: LocalImage,
  { baseId, signal }: { readonly baseId: Hex; readonly signal?: AbortSignal },
): Promise<VectorSource> {
  const { progress, optimizerStep } = image;
  const lossScale = await image.lossScale();
  const header = jsonBytes({ baseId, optimizerStep, progress, lossScale } satisfies Header);
  const prefix = new Uint8Array(vectorsOffset(header.length));
  prefix.set(MAGIC);
  new DataView(prefix.buffer).setUint32(MAGIC.length, header.length, true);
  prefix.set(header, PREFIX_BYTES);
  await disk.write(path, parts(prefix, image), { seal: true, ...(signal && { signal }) });
  return inFile(path, prefix.length);
}

async function* parts(prefix: Uint8Array, image: LocalImage): AsyncGenerator<Uint8Array> {
  yield prefix;
  for await (const { values } of image.windows()) yield bytesOf(values);
}

/** null for a file that is absent, torn, of another model, or made on another base. Its vectors stay on the disk. */
export async function readSnapshot(path: string, elements: number, baseId: Hex): Promise<StoredImage | null> {
  return withFile(path, async (file, sizeBytes) => {
    const found = await snapshotIn(file, sizeBytes, elements, baseId);
    if (!found) return null;
    const { progress, optimizerStep, begin } = found;
    const lossScale = async () => found.lossScale;
    const vectorAt = (index: number) => inFile(path, begin + 4 * index * elements);
    const sources = { parameters: vectorAt(0), m: vectorAt(1), v: vectorAt(2) };
    const onto = (parameters: VectorSource): LocalImage => {
      const windows = () => windowsOfAll({ ...sources, parameters }, elements);
      return { progress, optimizerStep, lossScale, windows };
    };
    const { parameters } = sources;
    return { ...onto(parameters), parameters, onto };
  });
}

/** What an open file says before its vectors, and where these begin; null where `readSnapshot` says so. */
export async function snapshotIn(
  file: FileHandle,
  sizeBytes: number,
  elements: number,
  baseId: Hex,
): Promise<(Omit<Header, 'baseId'> & { readonly begin: number }) | null> {
  if (sizeBytes < PREFIX_BYTES) return null;
  const prefix = await readExactly(file, 0, PREFIX_BYTES);
  const headerBytes = new DataView(prefix.buffer).getUint32(MAGIC.length, true);
  if (headerBytes > SNAPSHOT_HEADER_MAX_BYTES || !startsWithMagic(prefix)) return null;
  const begin = vectorsOffset(headerBytes);
  if (sizeBytes !== begin + 12 * elements + SEAL_BYTES) return null;
  if (!(await isSealed(file, sizeBytes))) return null;
  const text = new TextDecoder().decode(await readExactly(file, PREFIX_BYTES, headerBytes));
  const header = v.safeParse(headerSchema, parseJson(text));
  if (!header.success || header.output.baseId !== baseId) return null;
  const { progress, optimizerStep, lossScale } = header.output;
  return { progress, optimizerStep, lossScale, begin };
}

/** Vectors begin at a multiple of 4, so that they could be viewed in place. */
const vectorsOffset = (headerBytes: number): number => Math.ceil((PREFIX_BYTES + headerBytes) / 4) * 4;

const startsWithMagic = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte);
