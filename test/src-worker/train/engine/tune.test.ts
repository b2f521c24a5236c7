import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CodedError } from '../../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { type GpuDevice, openDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import { backward } from '../../../../src-worker/train/engine/gpu/passes/backward.ts';
import { forward } from '../../../../src-worker/train/engine/gpu/passes/forward.ts';
import { head } from '../../../../src-worker/train/engine/gpu/passes/head.ts';
import { PassParts } from '../../../../src-worker/train/engine/gpu/passes/parts.ts';
import { Pipelines } from '../../../../src-worker/train/engine/gpu/pipelines.ts';
import { takeMemory } from '../../../../src-worker/train/engine/gpu/take-memory.ts';
import { Tally } from '../../../../src-worker/train/engine/gpu/tally.ts';
import { classOf, measuredOf, nearestClass } from '../../../../src-worker/train/engine/gpu/tune/products.ts';
import { TilingsFile } from '../../../../src-worker/train/engine/gpu/tune/tilings-file.ts';
import {
  candidatesFor,
  type TuneOptions,
  tune,
  untuned,
} from '../../../../src-worker/train/engine/gpu/tune/tune.ts';
import {
  type GemmShape,
  type Tiling,
  tilingName,
} from '../../../../src-worker/train/engine/gpu/wgsl/gemm.ts';
import type { Kernel } from '../../../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import {
  threadsOf,
  tileBytes,
  workgroupTilings,
} from '../../../../src-worker/train/engine/gpu/wgsl/workgroup-tile.ts';
import { TILING_FORGIVEN_MS } from '../../../../src-worker/train/engine/limits.ts';
import { chooseHalfGpu, chooseSoftwareGpu, HALF_ADAPTER } from './software-gpu.ts';

const SMALL: ModelConfig = { layers: 1, width: 32, heads: 2, context: 32, vocab: 64 };
const GPT2: ModelConfig = { layers: 1, width: 768, heads: 12, context: 1024, vocab: 50_257 };
const TILINGS_FILE = 'tilings.json';
const SMALLEST = workgroupTilings('f32').at(-1)!;

let folder: string;
let told: CodedError[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilings-'));
  told = [];
});
afterEach(() => rm(folder, { recursive: true }));

describe('classes of products', () => {
  it.each(['f32', 'f16'] as const)('take in every product of a model in %s', (format) => {
    const shape = {
      ...{ config: GPT2, maxSequences: 1, passSequences: 1, isCheckpointed: false, hasBaseBeside: true },
      ...{ hasHalfMoments: false, format },
    };
    // Windows so narrow that the embedding lies in shards.
    const limits = { bufferBytes: 2 ** 28, bindingBytes: 2 ** 26 };
    const memory = takeMemory(new Tally(), limits, shape, () => 1);
    const shapes: GemmShape[] = [];
    const parts = new PassParts(memory, (product) => {
      shapes.push(product);
      return { family: 'G0' };
    });
    forward(parts, memory.weights);
    backward(parts, memory.weights);
    for (const [index, run] of memory.head.entries())
      head(parts, memory.weights, run, index, { isTrained: true });
    const classes = measuredOf(GPT2, format, 1024).map(({ shapeClass }) => shapeClass);
    expect(shapes.length).toBeGreaterThan(15);
    for (const product of shapes) {
      const nearest = nearestClass(product, classes);
      // A shard of the embedding may be smaller than all of it, which is measured.
      if (product.n % GPT2.width === 0 && product.m === 'rows') expect(nearest).toBe(classOf(product));
      expect(nearest).toContain(`${format} ${product.form} `);
    }
  });

  it('the nearest in size stands in for one that was not measured', () => {
    const extent = { form: 'NT', m: 'rows', n: 3000, factors: 'f32' } as const;
    expect(nearestClass(extent, ['f32 NT 2', 'f32 NT 4', 'f16 NT 5', 'f32 NN 5'])).toBe('f32 NT 4');
    expect(nearestClass(extent, ['f16 NT 5', 'f32 NN 5'])).toBeNull();
  });

  it('come in the order of what they take', () => {
    const work = measuredOf(GPT2, 'f32', 1024).map((one) => one.work);
    expect(work).toEqual([...work].sort((a, b) => b - a));
    expect(work.length).toBeLessThan(12);
  });

  it('tiles keep within what every adapter allows', () => {
    for (const format of ['f32', 'f16'] as const)
      for (const tiling of workgroupTilings(format)) {
        expect(threadsOf(tiling)).toBeLessThanOrEqual(256);
        expect(tileBytes(tiling)).toBeLessThanOrEqual(16_384);
      }
    const names = candidatesFor('f16', { vendor: '', architecture: '' }).map(tilingName);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('what is known of tiles', () => {
  const open = (key = 'a card') =>
    TilingsFile.open(join(folder, TILINGS_FILE), key, (error) => told.push(error));

  it('outlives the process, for each adapter by itself', async () => {
    const file = await open();
    await file.keep('f32 NT 4', 'G0', 100);
    await file.keep('f32 NT 4', 'G1', 300);
    await file.keep('f32 NT 4', 'G2', null);
    await (await open('another')).keep('f32 NT 4', 'G0', 50);
    expect((await open()).fastest()).toEqual({ 'f32 NT 4': 'G1' });
    expect((await open('another')).fastest()).toEqual({ 'f32 NT 4': 'G0' });
    const tried = ['G0', 'G1', 'G2', 'G3'].map((name) => file.isTried('f32 NT 4', name));
    expect(tried).toEqual([true, true, true, false]);
  });

  it('a tiling that a process died of is banned for a while, and one that was survived is not', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const file = await open();
      await file.keep('f32 NT 4', 'G0', 100);
      await file.trying('G1');
      await file.keep('f32 NT 4', 'G1', 200);
      await file.trying('G2');
      await file.survived();
      // It was the fastest of another class, too.
      await file.keep('f32 NN 4', 'G1', 200);
      await file.trying('G1');
      for (const next of [await open(), await open()]) {
        expect(next.isBanned('G1')).toBe(true);
        expect(next.isBanned('G2')).toBe(false);
        expect(next.fastest()).toEqual({ 'f32 NT 4': 'G0' });
      }
      vi.advanceTimersByTime(TILING_FORGIVEN_MS);
      expect((await open()).fastest()).toEqual({ 'f32 NT 4': 'G1', 'f32 NN 4': 'G1' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('that cannot be read is moved aside, and all is tried anew', async () => {
    await (await open()).keep('f32 NT 4', 'G0', 100);
    await writeFile(join(folder, TILINGS_FILE), '{"adapters":');
    expect((await open()).fastest()).toEqual({});
    expect(told).toMatchObject([{ code: 'FILE_DAMAGED' }]);
    expect(await readdir(folder)).toEqual([`${TILINGS_FILE}.damaged-1`]);
  });
});

const lacking = chooseSoftwareGpu();
if (lacking) console.warn(`The tuner is not tested: ${lacking}.`);

describe.skipIf(lacking !== null)('the tuner', () => {
  let gpu: GpuDevice;
  let shared: Pipelines;
  beforeAll(async () => {
    gpu = await openDevice({ flags: (await chooseHalfGpu()) ? ['backend=vulkan'] : HALF_ADAPTER });
    shared = new Pipelines(gpu);
  });
  afterAll(() => gpu.dispose());

  const candidates: readonly Tiling[] = [{ family: 'G0' }, SMALLEST];
  const options = (over: Partial<TuneOptions> = {}): TuneOptions => ({
    ...{
      config: SMALL,
      format: 'f32',
      rows: 64,
      path: join(folder, TILINGS_FILE),
      candidates,
      budgetMs: 60_000,
    },
    told: (error) => told.push(error),
    signal: AbortSignal.timeout(60_000),
    ...over,
  });
  const NT = { form: 'NT', m: 'rows', n: SMALL.width, factors: 'f32' } as const;

  /** Counts what is compiled, and may spoil it. */
  class Watched extends Pipelines {
    readonly seen: string[] = [];
    readonly #spoil: (kernel: Kernel) => string;
    constructor(spoil: (kernel: Kernel) => string = ({ code }) => code) {
      super(gpu);
      this.#spoil = spoil;
    }
    override compile(kernel: Kernel) {
      this.seen.push(kernel.key);
      const code = this.#spoil(kernel);
      // The right ones are compiled once for all tests.
      return code === kernel.code ? shared.compile(kernel) : super.compile({ ...kernel, code });
    }
  }

  const kept = async () => {
    const text = await readFile(join(folder, TILINGS_FILE), 'utf8');
    type Kept = { value: { adapters: { speeds: Record<string, Record<string, number | null>> }[] } };
    return (JSON.parse(text) as Kept).value.adapters[0]!.speeds;
  };

  it('keeps what it found, never one that computes something else, and tries nothing twice', async () => {
    // Half of each sum is left out.
    const wrong = new Watched(({ key, code }) =>
      / NN /.test(key) && !key.startsWith('gemm G0') ? code.replace(/p < 8u/, 'p < 4u') : code,
    );
    const chosen = await tune(gpu, wrong, options());
    for (const [shapeClass, speeds] of Object.entries(await kept())) {
      expect(speeds.G0).toBeGreaterThan(0);
      if (shapeClass.includes(' NN ')) expect(speeds[tilingName(SMALLEST)]).toBeNull();
      else expect(speeds[tilingName(SMALLEST)]).toBeGreaterThan(0);
    }
    expect(chosen({ ...NT, form: 'NN' })).toEqual({ family: 'G0' });
    const again = new Watched();
    await tune(gpu, again, options());
    expect(again.seen).toEqual([]);
  });

  it('goes on with what the time did not reach, and uses what is known so far', async () => {
    await tune(gpu, new Watched(), options({ candidates: [SMALLEST] }));
    const known = await kept();
    const more = new Watched();
    await tune(gpu, more, options());
    for (const [shapeClass, speeds] of Object.entries(await kept())) {
      expect(speeds).toMatchObject(known[shapeClass]!);
      expect(speeds.G0).toBeGreaterThan(0);
    }
    expect(more.seen.every((key) => key.startsWith('gemm G0'))).toBe(true);
  });

  it('what a process died of is not used, though it was the fastest', async () => {
    await tune(gpu, new Watched(), options({ candidates: [SMALLEST] }));
    const path = join(folder, TILINGS_FILE);
    const [adapter] = JSON.parse(await readFile(path, 'utf8')).value.adapters as [{ key: string }];
    // The process ends here.
    await (await TilingsFile.open(path, adapter.key, (error) => told.push(error))).trying(
      tilingName(SMALLEST),
    );
    const chosen = await tune(gpu, new Watched(), options({ candidates: [SMALLEST], budgetMs: 0 }));
    expect(chosen(NT)).toEqual({ family: 'G0' });
  });

  it('a card whose default died gets the next one, and the plainest last', () => {
    const card = { ...gpu, facts: { ...gpu.facts, isSoftware: false } };
    const [first, second] = workgroupTilings('f32');
    expect(untuned(card, 'f32')(NT)).toEqual(first);
    expect(untuned(card, 'f32', (name) => name === tilingName(first!))(NT)).toEqual(second);
    expect(untuned(card, 'f32', () => true)(NT)).toEqual({ family: 'G0' });
  });

  it('an abort ends it, and bans nothing', async () => {
    await expect(tune(gpu, new Watched(), options({ signal: AbortSignal.abort() }))).rejects.toThrow(/abort/);
    const stop = new AbortController();
    const stopping = new Watched(({ code }) => {
      stop.abort();
      return code;
    });
    await expect(tune(gpu, stopping, options({ signal: stop.signal }))).rejects.toThrow(/abort/);
    expect(await readFile(join(folder, TILINGS_FILE), 'utf8')).not.toContain('"trying":{');
  });

  it('without time left it chooses nothing, and the next start goes on', async () => {
    const late = await tune(gpu, new Watched(), options({ budgetMs: 0 }));
    expect(late(NT)).toEqual({ family: 'G0' });
    const inTime = new Watched();
    const chosen = await tune(gpu, inTime, options());
    expect(candidates.map(tilingName)).toContain(tilingName(chosen(NT)));
    expect(inTime.seen.length).toBeGreaterThan(0);
  });
});
