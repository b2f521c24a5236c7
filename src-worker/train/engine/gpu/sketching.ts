import { type ModelConfig, parameterLayout } from '../../../../src-shared/model/layout.ts';
import { STREAM_BYTES } from '../limits.ts';
import { SKETCH_SUMS, type SketchPart, sketchKeys, sketchOfSums, sketchParts } from '../sketch.ts';
import type { Arena } from './arena.ts';
import type { GpuDevice } from './device.ts';
import { type Memory, PLACE_BYTES } from './memory.ts';
import type { Op, Pipelines } from './pipelines.ts';
import { type Placement, windows } from './placement.ts';
import type { Queue } from './queue.ts';
import type { View } from './tally.ts';
import { grid } from './wgsl/kernel.ts';
import { JOB_BYTES, sketchSums } from './wgsl/sketch.ts';

/** A run of one part of a sketch that lies in one window of a chunk. */
interface SketchJob {
  readonly part: number;
  /** Place of its window among all. */
  readonly window: number;
  /** First element in the window, and in the flat vector. */
  readonly at: number;
  readonly flat: number;
  readonly length: number;
}

/** The parts of a sketch cut where they leave a slice or a window. */
export function sketchJobs(config: ModelConfig, placement: Placement): SketchJob[] {
  const all = windows(placement, STREAM_BYTES);
  const parts = sketchParts(parameterLayout(config));
  const slices = placement.slices.toSorted((a, b) => a.flat - b.flat);
  const jobs: SketchJob[] = [];
  // Parts and slices both cover the flat vector in order, and both are walked once.
  let part = 0;
  for (const { flat, length, chunk, at } of slices) {
    let window = all.findIndex((own) => own.chunk === chunk && own.at + own.elements > at);
    for (let done = 0; done < length; ) {
      const seen = all[window]!;
      const { offset, length: partLength } = parts[part]!;
      const partLeft = offset + partLength - (flat + done);
      const windowLeft = seen.at + seen.elements - (at + done);
      const own = Math.min(length - done, partLeft, windowLeft);
      jobs.push({ part, window, at: at + done - seen.at, flat: flat + done, length: own });
      done += own;
      if (own === partLeft) part += 1;
      if (own === windowLeft) window += 1;
    }
  }
  // Those of one window are one dispatch.
  return jobs.sort((a, b) => a.window - b.window);
}

/** Sketches of the gradient that lies on the device. */
export class SketchOps {
  readonly #memory: Memory;
  readonly #ops: readonly Op[];
  readonly #jobs: readonly SketchJob[];
  readonly #parts: readonly SketchPart[];
  /** For each window with jobs: number of its first one and how many there are. */
  readonly #runs: readonly (readonly [number, number])[];

  private constructor(memory: Memory, made: Made) {
    this.#memory = memory;
    this.#ops = made.ops;
    this.#jobs = made.jobs;
    this.#runs = made.runs;
    this.#parts = sketchParts(parameterLayout(memory.config));
  }

  static async compile(gpu: GpuDevice, pipelines: Pipelines, memory: Memory): Promise<SketchOps> {
    const { placement, gradient, sketchSums: out, sketchJobs: list, sketchKeys: keys } = memory;
    const jobs = sketchJobs(memory.config, placement);
    const words = Uint32Array.from(jobs.flatMap(({ at, length, flat }) => [at, length, flat, 0]));
    gpu.device.queue.writeBuffer(list.buffer, 0, words);
    const all = windows(placement, STREAM_BYTES);
    const firsts = [...jobs.keys()].filter((index) => jobs[index]!.window !== jobs[index - 1]?.window);
    const used = firsts.map((first) => jobs[first]!.window);
    const runs = firsts.map((first, k) => [first, (firsts[k + 1] ?? jobs.length) - first] as const);
    const ops = await pipelines.ops(
      used.map((window, index) => {
        const { chunk, at, elements } = all[window]!;
        const [, count] = runs[index]!;
        const job = { buffer: keys.buffer, offset: index * PLACE_BYTES, size: JOB_BYTES };
        const view: View = { buffer: gradient.chunks[chunk]!.buffer, offset: 4 * at, size: 4 * elements };
        return {
          kernel: sketchSums(),
          views: [job, list, view, out],
          groups: () => grid(count),
          work: () => ({ operations: 40 * elements, bytes: 4 * elements }),
        };
      }),
    );
    return new SketchOps(memory, { ops, jobs, runs });
  }

  /** The sketch of the gradient held now. */
  async take(queue: Queue, arena: Arena, seed: Uint8Array): Promise<number[]> {
    const { sketchKeys: keys, sketchSums: out } = this.#memory;
    const [keyA, keyB] = sketchKeys(seed);
    const words = new Uint32Array((this.#runs.length * PLACE_BYTES) / 4);
    for (const [index, [first, count]] of this.#runs.entries())
      words.set([keyA, keyB, first, count], (index * PLACE_BYTES) / 4);
    queue.write32(arena, keys, words);
    await queue.run(this.#ops, 0);
    const found = await queue.read(arena, out, this.#jobs.length * SKETCH_SUMS);
    const sums = new Float64Array(this.#parts.length * SKETCH_SUMS);
    for (const [index, { part }] of this.#jobs.entries())
      for (let k = 0; k < SKETCH_SUMS; k += 1)
        sums[part * SKETCH_SUMS + k]! += found[index * SKETCH_SUMS + k]!;
    return sketchOfSums(parameterLayout(this.#memory.config), this.#parts, sums);
  }
}

interface Made {
  readonly ops: readonly Op[];
  readonly jobs: readonly SketchJob[];
  readonly runs: readonly (readonly [number, number])[];
}
