/**
 * How far sketches of the same gradients are apart between engines, on the practice profile: what a profile's gradient
 * threshold must leave room for. Run with Node 24: `node tools/calibrate/sketches.ts`.
 */

import { compareSketches, GRADIENT_THRESHOLD } from '../../src-shared/scoring/gradient.ts';
import type { Engine } from '../../src-worker/train/engine/engine.ts';
import { createReferenceEngine } from '../../src-worker/train/engine/reference/reference-engine.ts';
import { batchOf, enginesHere, model, weightsOf } from './parts.ts';

const SEQUENCES = 4;
const MICRO_BATCHES = 2;
const SEED = Uint8Array.of(3, 8);

const batches = Array.from({ length: MICRO_BATCHES }, (_, i) => batchOf(i + 1, SEQUENCES));

async function sketchesOf(engine: Engine, weights: Float32Array): Promise<number[][]> {
  await engine.load(weights);
  return (await engine.gradient(batches, { sketchSeed: SEED })).sketches;
}

const { engines, lacking } = await enginesHere(SEQUENCES);
if (lacking) console.warn(`Without a graphics card: ${lacking}.`);
const reference = createReferenceEngine(model, SEQUENCES);

let worst = 0;
for (const [when, weights] of Object.entries(await weightsOf(engines.cpu!, SEQUENCES))) {
  const expected = await sketchesOf(reference, weights);
  for (const [name, engine] of Object.entries(engines)) {
    const { sums, projections } = compareSketches(await sketchesOf(engine, weights), expected);
    worst = Math.max(worst, 1 - sums, 1 - projections);
    const apart = [sums, projections].map((agreement) => (1 - agreement).toExponential(1));
    console.log(`${when}, ${name} against the reference: sums apart ${apart[0]}, projections ${apart[1]}`);
  }
}
console.log(`Tolerance: ${(2 * worst).toExponential(1)} between any two of them.`);
console.log(`Profiles allow ${(1 - GRADIENT_THRESHOLD).toFixed(2)}.`);
process.exit(0);
