/** Every kernel of a model's passes and of its optimizer by itself: what it computes or moves in its time. */
import type { ModelConfig } from '../../../src-shared/model/layout.ts';
import { Arena } from '../../../src-worker/train/engine/gpu/arena.ts';
import type { GpuDevice } from '../../../src-worker/train/engine/gpu/device.ts';
import type { Memory } from '../../../src-worker/train/engine/gpu/memory.ts';
import { paramsOf } from '../../../src-worker/train/engine/gpu/params.ts';
import { backward } from '../../../src-worker/train/engine/gpu/passes/backward.ts';
import { forward } from '../../../src-worker/train/engine/gpu/passes/forward.ts';
import { head, lossOfBatch } from '../../../src-worker/train/engine/gpu/passes/head.ts';
import { PassParts } from '../../../src-worker/train/engine/gpu/passes/parts.ts';
import { type OpPlan, Pipelines } from '../../../src-worker/train/engine/gpu/pipelines.ts';
import { sketchJobs } from '../../../src-worker/train/engine/gpu/sketching.ts';
import { takeMemory } from '../../../src-worker/train/engine/gpu/take-memory.ts';
import { trainedTokensOf } from '../../../src-worker/train/engine/gpu/tokens.ts';
import { Stopwatch } from '../../../src-worker/train/engine/gpu/tune/stopwatch.ts';
import { untuned } from '../../../src-worker/train/engine/gpu/tune/tune.ts';
import type { Format } from '../../../src-worker/train/engine/gpu/wgsl/format.ts';
import { CARD_LANES, SOFTWARE_LANES } from '../../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import { batchAt, type Course } from '../contest.ts';
import type { Row } from './rows.ts';
import { streamPlans } from './stream-plans.ts';

/** A layer of GPT-2 124M; a processor that plays a card has a smaller one. */
const LAYER: Course = { config: gpt2(768, 50_304, 1024), sequences: 8 };
const LAYER_SOFTWARE: Course = { config: gpt2(256, 4096, 128), sequences: 4 };
/** Operations a byte from which on it is the computing that takes the time on every device. */
const INTENSE = 8;

function gpt2(width: number, vocab: number, context: number): ModelConfig {
  return { layers: 1, width, heads: width / 64, context, vocab };
}

/** In each format that the device has. */
export async function measureKernels(gpu: GpuDevice, told: (row: Row) => void): Promise<void> {
  const formats: readonly Format[] = gpu.device.features.has('shader-f16') ? ['f32', 'f16'] : ['f32'];
  for (const format of formats) await measureFormat(gpu, format, told);
}

async function measureFormat(gpu: GpuDevice, format: Format, told: (row: Row) => void): Promise<void> {
  const { config, sequences } = gpu.facts.isSoftware ? LAYER_SOFTWARE : LAYER;
  const lanes = gpu.facts.isSoftware ? SOFTWARE_LANES : CARD_LANES;
  const shape = { config, maxSequences: sequences, passSequences: sequences, format } as const;
  const choices = { isCheckpointed: false, hasBaseBeside: false, hasHalfMoments: false } as const;
  const { arena, built } = await Arena.build(gpu, (taker) => ({
    memory: takeMemory(
      taker,
      gpu.limits,
      { ...shape, ...choices },
      (placed) => sketchJobs(config, placed).length,
    ),
    streams: streamPlans(taker, lanes, format),
  }));
  const watch = new Stopwatch(gpu, arena);
  try {
    placeBatch(arena, built.memory, { config, sequences });
    built.streams.place(arena);
    const parts = new PassParts(built.memory, untuned(gpu, format), lanes);
    const plans = [...built.streams.plans, ...passPlans(parts)];
    const distinct = new Map(plans.map((plan) => [plan.kernel.key, plan]));
    for (const [key, plan] of distinct) {
      const [op] = await new Pipelines(gpu).ops([plan]);
      const { rows } = built.memory;
      const ms = await watch.time(op!, rows);
      told({
        section: 'kernel',
        name: `${key} (${format})`,
        note: `${ms.toPrecision(3)} ms`,
        ...rateOf(plan, rows, ms),
      });
    }
  } finally {
    watch.dispose();
    arena.dispose();
  }
}

function passPlans(parts: PassParts): readonly OpPlan[] {
  const { weights, head: runs } = parts.memory;
  return [
    ...forward(parts, weights),
    ...head(parts, weights, runs[0]!, 0, { isTrained: true }),
    lossOfBatch(parts),
    ...backward(parts, weights),
  ];
}

/** By what binds it: GB/s of what goes over memory at least, or GFLOP/s. */
function rateOf({ work }: OpPlan, rows: number, ms: number): Pick<Row, 'value' | 'unit'> {
  const { operations, bytes } = work(rows);
  return operations > INTENSE * bytes
    ? { value: operations / ms / 1e6, unit: 'GFLOP/s' }
    : { value: bytes / ms / 1e6, unit: 'GB/s' };
}

/** Tokens, and the numbers of a pass and of the head's runs, as the engine places them. */
function placeBatch(arena: Arena, memory: Memory, course: Course): void {
  const { rows, tokens, tokenPlaces, params } = memory;
  arena.write(tokens, trainedTokensOf(batchAt(course, 0), tokenPlaces));
  arena.write(params, paramsOf(memory, rows, { slot: 0, scale: 1 / rows, share: 1 }));
}
