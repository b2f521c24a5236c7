import { TUNING_REPEATS } from '../../limits.ts';
import { restMs, type Throttle, unthrottled } from '../../throttle.ts';
import type { Arena } from '../arena.ts';
import type { GpuDevice } from '../device.ts';
import type { Op } from '../pipelines.ts';

/** A measurement runs its kernel as often as comes to this, so that it is longer than a clock's tick. */
const MEASURED_MS = 3;
const MOST_RUNS = 16;

/** Times single kernels: by the device's clock where it has one, by ours otherwise. */
export class Stopwatch {
  readonly #gpu: GpuDevice;
  readonly #arena: Arena;
  readonly #throttle: Throttle;
  readonly #queries: { readonly set: GPUQuerySet; readonly times: GPUBuffer } | null;

  constructor(gpu: GpuDevice, arena: Arena, throttle: Throttle = unthrottled) {
    this.#gpu = gpu;
    this.#throttle = throttle;
    this.#arena = arena;
    const { device } = gpu;
    this.#queries = device.features.has('timestamp-query')
      ? {
          set: device.createQuerySet({ type: 'timestamp', count: 2 }),
          times: device.createBuffer({
            size: 16,
            usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
          }),
        }
      : null;
  }

  /** Runs a kernel once, and then measures it: the first run of a shader compiles. @returns ms, the median of a few */
  async time(op: Op, rows: number): Promise<number> {
    const first = await this.#run(op, rows, 1);
    const once = await this.#run(op, rows, 1);
    const runs = Math.max(1, Math.min(MOST_RUNS, Math.ceil(MEASURED_MS / Math.min(first, once))));
    const times: number[] = [];
    for (let i = 0; i < TUNING_REPEATS; i += 1) times.push((await this.#run(op, rows, runs)) / runs);
    return times.sort((a, b) => a - b)[TUNING_REPEATS >> 1]!;
  }

  dispose(): void {
    this.#queries?.set.destroy();
    this.#queries?.times.destroy();
  }

  async #run({ pipeline, bindGroup, groups }: Op, rows: number, runs: number): Promise<number> {
    const { device } = this.#gpu;
    const encoder = device.createCommandEncoder();
    const queries = this.#queries;
    const pass = encoder.beginComputePass(
      queries
        ? {
            timestampWrites: { querySet: queries.set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
          }
        : {},
    );
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    for (let i = 0; i < runs; i += 1) pass.dispatchWorkgroups(...groups(rows));
    pass.end();
    if (queries) encoder.resolveQuerySet(queries.set, 0, 2, queries.times, 0);
    const startedMs = performance.now();
    device.queue.submit([encoder.finish()]);
    await this.#gpu.answer(device.queue.onSubmittedWorkDone());
    const byUsMs = performance.now() - startedMs;
    if (this.#throttle.share < 1) await this.#gpu.pause(restMs(byUsMs, this.#throttle));
    if (!queries) return byUsMs;
    const words = new Float32Array(4);
    await this.#arena.read([{ buffer: queries.times, byteOffset: 0, elements: 4 }], words);
    const [began, ended] = new BigUint64Array(words.buffer);
    const byDeviceMs = Number(ended! - began!) / 1e6;
    // Drivers may round time away, or restart their clock.
    return byDeviceMs > 0 && byDeviceMs <= byUsMs ? byDeviceMs : byUsMs;
  }
}
