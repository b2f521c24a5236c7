/**
 * How far sketches of the same gradients are apart between engines, on the practice profile: what a profile's gradient
 * threshold must leave room for. Run with Node 24: `node tools/calibrate/sketches.ts`.
 */

import { fillInitialWeights } from '../../src-shared/model/initial-weights.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { practiceModel } from '../../src-shared/profile/shipped.ts';
import { compareSketches, GRADIENT_THRESHOLD } from '../../src-shared/scoring/gradient.ts';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/create.ts';
import type { Batch, Engine } from '../../src-worker/train/engine/engine.ts';
import { createGpuEngine } from '../../src-worker/train/engine/gpu/create.ts';
import { createReferenceEngine } from '../../src-worker/train/engine/reference/reference-engine.ts';
import { chooseHalfGpu, HALF_ADAPTER } from '../../test/src-worker/train/engine/software-gpu.ts';
import { buildKernels } from '../tasks/build-kernels.ts';

const { model } = practiceModel();
const SEQUENCES = 4;
const MICRO_BATCHES = 2;
/** Steps after which gradients are compared once more: at first they are larger and more alike. */
const STEPS = 40;
const SEED = Uint8Array.of(3, 8);
const ADAMW = { lr: 1e-3, beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0.1, clip: 1 };

/** Text of a kind: frequent words are frequent, and each has favourite followers. */
function batchOf(seed: number): Batch {
  let state = seed;
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const tokens = new Uint16Array(SEQUENCES * model.context + 1);
  for (let i = 0; i < tokens.length; i += 1) {
    const word = Math.floor(model.vocab ** draw()) - 1;
    tokens[i] = i > 0 && draw() < 0.5 ? (tokens[i - 1]! * 7 + 3) % model.vocab : word;
  }
  return { ids: tokens.slice(0, -1), targets: tokens.slice(1) };
}

const batches = Array.from({ length: MICRO_BATCHES }, (_, i) => batchOf(i + 1));

async function sketchesOf(engine: Engine, weights: Float32Array): Promise<number[][]> {
  await engine.load(weights);
  return (await engine.gradient(batches, { sketchSeed: SEED })).sketches;
}

await buildKernels();
const lacking = await chooseHalfGpu();
if (lacking) console.warn(`Without a graphics card: ${lacking}.`);
const cpu = await createCpuEngine(model, { maxSequences: SEQUENCES, threads: 1, isInline: true });
const onCard = (precision: 'f32' | 'f16') =>
  createGpuEngine(model, { maxSequences: SEQUENCES, flags: HALF_ADAPTER, precision });
const engines: Record<string, Engine> = {
  cpu,
  ...(lacking ? {} : { 'gpu, f32': await onCard('f32'), 'gpu, f16': await onCard('f16') }),
};
const reference = createReferenceEngine(model, SEQUENCES);

const first = new Float32Array(parameterCount(model));
for (const _ of fillInitialWeights(first, model, 'calibration'));
await cpu.load(first);
for (let step = 0; step < STEPS; step += 1) {
  await cpu.gradient([batchOf(100 + step)]);
  await cpu.optimizerStep(ADAMW);
}
const later = new Float32Array(first.length);
await cpu.read('parameters', later);

let worst = 0;
for (const [when, weights] of Object.entries({ 'at the start': first, [`after ${STEPS} steps`]: later })) {
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
