import * as v from 'valibot';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { FILE_SLICE_BYTES, SNAPSHOT_HEADER_MAX_BYTES } from '../limits.ts';
import { jsonBytes, parseJson } from './current.ts';
import type { Disk } from './disk.ts';
import { readExactly, withFile } from './files.ts';
import { type Progress, progressSchema } from './progress.ts';
import { bytesOf, floatsOf, isSealed, SEAL_BYTES } from './vectors.ts';

/** Weights, first and second moments of AdamW, in the order in which they stand in a snapshot. */
export const LOCAL_VECTORS = ['parameters', 'm', 'v'] as const;

/** Elements of one window. */
export const WINDOW_ELEMENTS = FILE_SLICE_BYTES / 4;

/** Elements of one of the local replica's vectors from `offset` on. */
export interface LocalWindow {
  readonly vector: (typeof LOCAL_VECTORS)[number];
  readonly offset: number;
  readonly values: Float32Array;
}

/**
 * The local replica at one moment: how far training has come, and its vectors. These are three times the model, so
 * nobody has them whole: they pass by in windows, each of which holds until the next is asked for.
 */
export interface LocalImage {
  readonly progress: Progress;
  /** Steps that the moments have seen. */
  readonly optimizerStep: number;
  windows(): AsyncIterable<LocalWindow>;
}

/** Offsets and lengths of the windows over a vector of so many elements. */
export function* windowsOver(
  elements: number,
): Generator<{ readonly offset: number; readonly length: number }> {
  for (let offset = 0; offset < elements; offset += WINDOW_ELEMENTS)
    yield { offset, length: Math.min(WINDOW_ELEMENTS, elements - offset) };
}

/** Weights at the start of their training: no moments yet. */
export function freshImage(parameters: Float32Array, progress: Progress): LocalImage {
  return {
    progress,
    optimizerStep: 0,
    async *windows() {
      const zeros = new Float32Array(Math.min(WINDOW_ELEMENTS, parameters.length));
      for (const vector of LOCAL_VECTORS)
        for (const { offset, length } of windowsOver(parameters.length))
          yield {
            vector,
            offset,
            values:
              vector === 'parameters'
                ? parameters.subarray(offset, offset + length)
                : zeros.subarray(0, length),
          };
    },
  };
}

/** The weights alone, which stand first. */
export async function parametersIn(image: LocalImage, elements: number): Promise<Float32Array> {
  const parameters = new Float32Array(elements);
  for await (const { vector, offset, values } of image.windows()) {
    if (vector !== 'parameters') break;
    parameters.set(values, offset);
  }
  return parameters;
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
  const { progress, optimizerStep } = image;
  const header = jsonBytes({ baseId, optimizerStep, progress });
  const prefix = new Uint8Array(vectorsOffset(header.length));
  prefix.set(MAGIC);
  new DataView(prefix.buffer).setUint32(MAGIC.length, header.length, true);
  prefix.set(header, PREFIX_BYTES);
  await disk.write(path, parts(prefix, image), { seal: true, ...(signal && { signal }) });
}

async function* parts(prefix: Uint8Array, image: LocalImage): AsyncGenerator<Uint8Array> {
  yield prefix;
  for await (const { values } of image.windows()) yield bytesOf(values);
}

/** null for a file that is absent, torn, of another model, or made on another base. Its vectors stay on the disk. */
export async function readSnapshot(path: string, elements: number, baseId: Hex): Promise<LocalImage | null> {
  return withFile(path, async (file, sizeBytes) => {
    if (sizeBytes < PREFIX_BYTES) return null;
    const prefix = await readExactly(file, 0, PREFIX_BYTES);
    const headerBytes = new DataView(prefix.buffer).getUint32(MAGIC.length, true);
    if (headerBytes > SNAPSHOT_HEADER_MAX_BYTES || !startsWithMagic(prefix)) return null;
    if (sizeBytes !== vectorsOffset(headerBytes) + 12 * elements + SEAL_BYTES) return null;
    if (!(await isSealed(file, sizeBytes))) return null;
    const text = new TextDecoder().decode(await readExactly(file, PREFIX_BYTES, headerBytes));
    const header = v.safeParse(headerSchema, parseJson(text));
    if (!header.success || header.output.baseId !== baseId) return null;
    const { progress, optimizerStep } = header.output;
    const begin = vectorsOffset(headerBytes);
    return { progress, optimizerStep, windows: () => windowsIn(path, begin, elements) };
  });
}

/** @throws {RangeError} where the file that was whole a moment ago is gone or shorter */
async function* windowsIn(path: string, begin: number, elements: number): AsyncGenerator<LocalWindow> {
  for (const [index, vector] of LOCAL_VECTORS.entries())
    for (const { offset, length } of windowsOver(elements)) {
      const at = begin + 4 * (index * elements + offset);
      const bytes = await withFile(path, (file) => readExactly(file, at, 4 * length));
      if (!bytes) throw new RangeError(`the snapshot ${path} is gone`);
      yield { vector, offset, values: floatsOf(bytes, 0, length) };
    }
}

/** Vectors begin at a multiple of 4, so that they could be viewed in place. */
const vectorsOffset = (headerBytes: number): number => Math.ceil((PREFIX_BYTES + headerBytes) / 4) * 4;

const startsWithMagic = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte);
