import { median } from '../../src-shared/reduce/norms.ts';
import { engineOn } from '../../src-worker/train/engine/gpu/create.ts';
import { openDevice } from '../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../src-worker/train/engine/gpu/pipelines.ts';
import { chooseSoftwareGpu } from '../../test/src-worker/train/engine/software-gpu.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { batchAt, PRACTICE, stepOf, weightsOf } from './contest.ts';

const HELD = { floor: 3, goal: 1 } as const;
/** Steps in which shaders are compiled, the card's speed is learnt and V8 compiles what is called often. */
const WARMING = 40;
const STEPS = 24;
const UNDRIVEN_WARMING = 200;
const UNDRIVEN_STEPS = 400;

/**
 * Processor time of the thread that records, submits and waits, over the time of the steps, in percent: all of it, that
 * of JavaScript, of Dawn and of the driver as far as it works on this thread. A processor that plays a card works on other
 * threads but makes steps long: what the thread takes for a step is told as well, which is what a real card would see.
 */
export async function jsShare(): Promise<Figure> {
  const lacking = chooseSoftwareGpu();
  if (lacking) return unmeasured('js-share', '%', lacking, HELD);
  const gpu = await openDevice({ flags: ['backend=vulkan'] });
  const station = { gpu, pipelines: new Pipelines(gpu) };
  const engine = await engineOn(station, PRACTICE.config, { maxSequences: PRACTICE.sequences });
  await engine.load(weightsOf(PRACTICE));
  const step = stepOf(engine);
  for (let k = 0; k < WARMING; k += 1) await step(batchAt(PRACTICE, k));
  const before = process.threadCpuUsage();
  const startedMs = performance.now();
  for (let k = 0; k < STEPS; k += 1) await step(batchAt(PRACTICE, k));
  const wallMs = performance.now() - startedMs;
  const { user, system } = process.threadCpuUsage(before);
  const threadMs = (user + system) / 1000;
  await engine.dispose();
  gpu.dispose();
  const own = `${(threadMs / STEPS).toFixed(2)} of ${(wallMs / STEPS).toFixed(0)} ms a step`;
  const alone = `${(await undrivenMs()).toFixed(2)} ms of a step where nothing is computed`;
  const seen = `${gpu.facts.name}, practice model: ${own}; ${alone}`;
  return figure('js-share', (100 * threadMs) / wallMs, '%', { ...HELD, seen });
}

/**
 * What a step takes on Dawn's adapter without a driver, in ms: it is recorded, checked, handed over and answered, and
 * nothing is computed. Less is cold then than between two slices of a processor that plays a card, so this is the least.
 */
async function undrivenMs(): Promise<number> {
  const gpu = await openDevice({ flags: ['backend=null'] });
  const station = { gpu, pipelines: new Pipelines(gpu) };
  const options = { maxSequences: PRACTICE.sequences, precision: 'f32' } as const;
  const engine = await engineOn(station, PRACTICE.config, options);
  await engine.load(weightsOf(PRACTICE));
  const step = stepOf(engine);
  const tookMs: number[] = [];
  for (let k = 0; k < UNDRIVEN_WARMING + UNDRIVEN_STEPS; k += 1) {
    const startedMs = performance.now();
    await step(batchAt(PRACTICE, k));
    if (k >= UNDRIVEN_WARMING) tookMs.push(performance.now() - startedMs);
  }
  await engine.dispose();
  gpu.dispose();
  return median(tookMs);
}
