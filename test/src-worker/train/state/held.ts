import type { Replica } from '../../../../src-worker/train/state/replica.ts';
import type { LocalImage } from '../../../../src-worker/train/state/snapshot.ts';
import { whole } from '../../../../src-worker/train/vector-source.ts';

export { whole };

/** The committed base in one piece. */
export const baseOf = ({ base, elements }: Replica) => whole(base, elements);

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
