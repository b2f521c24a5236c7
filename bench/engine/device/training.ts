import { initialWeights } from '../../../src-shared/model/initial-weights.ts';
import type { ModelConfig } from '../../../src-shared/model/layout.ts';
import { engineOn } from '../../../src-worker/train/engine/gpu/create.ts';
import type { GpuDevice } from '../../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../../src-worker/train/engine/gpu/pipelines.ts';
import type { Format } from '../../../src-worker/train/engine/gpu/wgsl/format.ts';
import { batchAt, type Course, stepOf } from '../contest.ts';
import type { Row } from './rows.ts';

/** The profiles that are shipped, with the sequences of one micro-batch. */
export const COURSES: Readonly<Record<string, Course>> = {
  practice: { config: { layers: 4, width: 128, heads: 2, context: 64, vocab: 4096 }, sequences: 2 },
  'gpt2-124m': { config: gpt2(12, 768), sequences: 8 },
  'gpt2-250m': { config: gpt2(16, 1024), sequences: 8 },
  'gpt2-1.1b': { config: gpt2(22, 1920), sequences: 4 },
};
const WARMING = 3;
const STEPS = 10;

function gpt2(layers: number, width: number): ModelConfig {
  return { layers, width, heads: width / 64, context: 1024, vocab: 50_304 };
}

/** Tokens a second of whole steps, in each precision that the device has; a processor that plays one has the practice. */
export async function measureTraining(gpu: GpuDevice, told: (row: Row) => void): Promise<void> {
  const formats: readonly Format[] = gpu.device.features.has('shader-f16') ? ['f32', 'f16'] : ['f32'];
  for (const [name, course] of Object.entries(COURSES))
    for (const format of formats) told(await measure(gpu, name, course, format));
}

async function measure(gpu: GpuDevice, name: string, course: Course, format: Format): Promise<Row> {
  const row = { section: 'training', name: `${name} ${format}`, unit: 'tokens/s' } as const;
  if (gpu.facts.isSoftware && name !== 'practice')
    return { ...row, value: null, note: 'a processor that plays a card would take hours' };
  const { config, sequences } = course;
  const options = { maxSequences: sequences, precision: format };
  try {
    const engine = await engineOn({ gpu, pipelines: new Pipelines(gpu) }, config, options);
    try {
      await engine.load(initialWeights(config, 'bench'));
      const step = stepOf(engine);
      for (let k = 0; k < WARMING; k += 1) await step(batchAt(course, k));
      const times: number[] = [];
      let loss = 0;
      for (let k = 0; k < STEPS; k += 1) {
        const startedMs = performance.now();
        loss = await step(batchAt(course, k));
        times.push(performance.now() - startedMs);
      }
      const [p10, median, p90] = [0.1, 0.5, 0.9].map(
        (part) => times.toSorted((a, b) => a - b)[Math.floor(part * STEPS)]!,
      );
      const note = `${median!.toFixed(1)} ms a step (${p10!.toFixed(1)} to ${p90!.toFixed(1)}), loss ${loss.toFixed(3)}`;
      return { ...row, value: (1000 * sequences * config.context) / median!, note };
    } finally {
      await engine.dispose();
    }
  } catch (thrown) {
    return { ...row, value: null, note: String(thrown) };
  }
}
