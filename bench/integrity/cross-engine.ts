import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { checksOf } from '../../src-shared/scoring/checks.ts';
import { compareSketches } from '../../src-shared/scoring/gradient.ts';
import { helps, type MovedLoss } from '../../src-shared/scoring/honesty.ts';
import { ss58 } from '../../src-shared/units.ts';
import type { Batch, Engine, EngineBackend } from '../../src-worker/train/engine/engine.ts';
import { tensorFlowBackend } from '../../src-worker/train/engine/tensorflow/create.ts';
import { inMemory } from '../../src-worker/train/vector-source.ts';
import { lacksTensorFlow, tensorFlowFolder } from '../../test/src-worker/train/engine/tensorflow/native.ts';
import { plainTfjsBackend } from '../../test/src-worker/train/engine/tensorflow/plain-tfjs.ts';
import { ADAMW, batchOf, enginesHere, model, weightsOf } from '../../tools/calibrate/parts.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';

const HELD = { floor: 0, goal: 0 };
const SEED = Uint8Array.of(3, 8);
const MICRO_BATCHES = 10;
/** Inner steps of a contribution, of two micro-batches of one sequence as in practice. */
const CONTRIBUTED_STEPS = 8;
const PER_STEP = 2;
const LOOKS = 4;
/** In one pass of an engine. */
const MAX_SEQUENCES = 4;

const address = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const at = { witness: address, ownerColdkey: address, endpoint: 'ws://127.0.0.1:9944', bootstrap: [] };
const { scoreModel } = practiceProfile(at).consensus;

/** What a miner with this engine hands in at these weights: its sketches, and where its own steps lead. */
interface Work {
  readonly sketches: number[][];
  readonly moved: Float32Array;
}

const microBatches = Array.from({ length: MICRO_BATCHES }, (_, i) => batchOf(i + 1, 1));
const own = Array.from({ length: CONTRIBUTED_STEPS * PER_STEP }, (_, i) => batchOf(1_000 + i, 1));
const foreign = Array.from({ length: own.length }, (_, i) => batchOf(5_000 + i, 1));

async function workOf(engine: Engine, weights: Float32Array): Promise<Work> {
  await engine.load(weights);
  const { sketches } = await engine.gradient(microBatches, { sketchSeed: SEED });
  for (let step = 0; step < CONTRIBUTED_STEPS; step += 1) {
    await engine.gradient(own.slice(step * PER_STEP, (step + 1) * PER_STEP));
    await engine.optimizerStep(ADAMW);
  }
  const moved = new Float32Array(weights.length);
  await engine.read('parameters', moved);
  return { sketches, moved };
}

/** Checks of this work by a validator with another engine: how many there were, and how many of them it failed; the gradient's score. */
async function judge(engine: Engine, weights: Float32Array, { sketches, moved }: Work) {
  await engine.load(weights);
  const found = await engine.gradient(microBatches, { sketchSeed: SEED });
  const threshold = scoreModel.gradientThreshold;
  const { score } = compareSketches(sketches, found.sketches, { threshold });
  let failed = score > 0 ? 0 : 1;
  const checks = checksOf(scoreModel);
  const lossesOf = async (text: readonly Batch[]): Promise<MovedLoss> => {
    const meanAt = async (where: Float32Array) => {
      const losses = await engine.atBase(inMemory(where), () => engine.losses(text));
      return losses.reduce((sum, one) => sum + one, 0) / losses.length;
    };
    // As of a round of which nothing came.
    const before = await meanAt(weights);
    return { before, after: await meanAt(moved), agreed: before };
  };
  for (let look = 0; look < LOOKS; look += 1) {
    const from = look * Math.floor((own.length - checks.stretchSequences) / (LOOKS - 1));
    const [assigned, random] = [own, foreign].map((text) => text.slice(from, from + checks.stretchSequences));
    if (!helps({ assigned: await lossesOf(assigned!), random: await lossesOf(random!) }, checks)) failed += 1;
  }
  return { checks: 1 + LOOKS, failed, score };
}

/** TensorFlow as a user adds it, where that was done here; else its engine's graph on tfjs's own WASM. */
const tensorFlowHere = (): readonly [string, EngineBackend] =>
  lacksTensorFlow() === null
    ? ['TensorFlow', tensorFlowBackend(tensorFlowFolder())]
    : ['the graph of TensorFlow on tfjs WASM', plainTfjsBackend];

/**
 * Honest checks that fail because miner and validator compute with different engines: the processor, TensorFlow, and a
 * graphics card played by software in float32 and float16, each pair both ways, at first weights and after some steps.
 */
export async function crossEngineFalse(): Promise<Figure> {
  const { engines: own, lacking } = await enginesHere(MAX_SEQUENCES);
  if (lacking) return unmeasured('cross-engine-false', 'checks', lacking, HELD);
  const [name, backend] = tensorFlowHere();
  const engines = { ...own, [name]: await backend.create(model, { maxSequences: MAX_SEQUENCES }) };
  const names = Object.keys(engines);
  let checks = 0;
  let failed = 0;
  let least = 1;
  for (const weights of Object.values(await weightsOf(own.cpu!, MAX_SEQUENCES)))
    for (const miner of names) {
      const work = await workOf(engines[miner]!, weights);
      for (const validator of names.filter((name) => name !== miner)) {
        const one = await judge(engines[validator]!, weights, work);
        checks += one.checks;
        failed += one.failed;
        least = Math.min(least, one.score);
      }
    }
  for (const engine of Object.values(engines)) await engine.dispose();
  const seen = `${checks} checks between ${names.join('; ')}; lowest score of a gradient ${least.toFixed(5)}`;
  return figure('cross-engine-false', failed, 'checks', { ...HELD, seen });
}
