import type { LocalImage } from '../../../../src-worker/train/state/snapshot.ts';
import type { VectorSource } from '../../../../src-worker/train/state/vector-source.ts';

/** A vector in one piece, as only a small model may have it. */
export async function whole(source: VectorSource, elements: number): Promise<Float32Array<ArrayBuffer>> {
  const vector = new Float32Array(elements);
  await source.read(vector, 0);
  return vector;
}

/** An image with its vectors whole, as only a small model may have them. */
export async function held(image: LocalImage, elements: number) {
  const [parameters, m, v] = [0, 1, 2].map(() => new Float32Array(elements)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const vectors = { parameters, m, v };
  for await (const { vector, offset, values } of image.windows()) vectors[vector].set(values, offset);
  const lossScale = await image.lossScale();
  return { ...vectors, optimizerStep: image.optimizerStep, lossScale, progress: image.progress };
}
