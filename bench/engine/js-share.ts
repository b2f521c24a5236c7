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
  const seen = `${gpu.facts.name}, practice model: ${(threadMs / STEPS).toFixed(2)} of ${(wallMs / STEPS).toFixed(0)} ms a step`;
  return figure('js-share', (100 * threadMs) / wallMs, '%', { ...HELD, seen });
}
