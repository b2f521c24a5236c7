import { setImmediate } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';
import { SKETCH_PORTION, Sketch } from '../engine/sketch.ts';
import type { Batch } from '../pages/packing.ts';

/** Mean loss over the micro-batches; the engine then holds the gradient of it. */
export async function accumulate(engine: Engine, batches: readonly Batch[]): Promise<number> {
  let sum = 0;
  for (const [index, { ids, targets }] of batches.entries()) {
    const options = { accumulate: index > 0, microBatches: batches.length };
    sum += (await engine.microStep(ids, targets, options)).loss;
  }
  return sum / batches.length;
}

/** The sketch of one micro-batch's own gradient, which takes a pass of its own: sums of absolute values do not add. */
export async function sketchOf(engine: Engine, batch: Batch, seed: Uint8Array): Promise<number[]> {
  await engine.microStep(batch.ids, batch.targets, { accumulate: false, microBatches: 1 });
  const sketch = new Sketch(engine.layout, seed);
  const elements = elementsOf(engine);
  for (let at = 0; at < elements; at += SKETCH_PORTION) {
    const portion = new Float32Array(Math.min(SKETCH_PORTION, elements - at));
    await engine.readGradient(portion, at);
    sketch.add(portion, at);
    await setImmediate();
  }
  return Array.from(sketch.finish());
}

/**
 * Runs `work` with `base` in the engine and puts the local weights back bit for bit, whatever comes of it. The
 * gradient that `work` leaves stays in the engine, moments are not touched.
 */
export async function atBase<T>(engine: Engine, base: Float32Array, work: () => Promise<T>): Promise<T> {
  const local = new Float32Array(elementsOf(engine));
  await engine.readParameters(local);
  await engine.writeParameters(base);
  try {
    return await work();
  } finally {
    await engine.writeParameters(local);
  }
}

/**
 * The first inner step of a round: its gradient is taken at the committed base, where a validator can take it too,
 * and every micro-batch is sketched. The local delta is aside meanwhile and back when this resolves.
 */
export function gradientAtBase(
  engine: Engine,
  base: Float32Array,
  batches: readonly Batch[],
  seed: Uint8Array,
): Promise<{ loss: number; sketches: number[][] }> {
  return atBase(engine, base, async () => {
    const sketches: number[][] = [];
    for (const batch of batches) sketches.push(await sketchOf(engine, batch, seed));
    return { loss: await accumulate(engine, batches), sketches };
  });
}

export function elementsOf({ layout }: Engine): number {
  const last = layout.at(-1)!;
  return last.offset + last.length;
}
