import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { adapterKey } from '../../../../src-shared/cards/adapter.ts';
import { type EngineChoice, onProcessor } from '../../../../src-shared/contract/train.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { shippedConsensus } from '../../../../src-shared/profile/shipped.ts';
import { asMemoryAllows, chooseEngine, rightPrecision } from '../../../../src-worker/train/engine/choose.ts';
import { createCpuEngine } from '../../../../src-worker/train/engine/cpu/create.ts';
import { LossMemory } from '../../../../src-worker/train/engine/device-losses.ts';
import type { EngineVector } from '../../../../src-worker/train/engine/engine.ts';
import { listAdapters } from '../../../../src-worker/train/engine/gpu/adapters.ts';
import { engineOn } from '../../../../src-worker/train/engine/gpu/create.ts';
import { openDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../../../src-worker/train/engine/gpu/pipelines.ts';
import type { Format } from '../../../../src-worker/train/engine/gpu/wgsl/format.ts';
import type { Kernel } from '../../../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import { Slices } from '../../../../src-worker/train/slices.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { chooseSoftwareGpu } from './software-gpu.ts';

const lacking = chooseSoftwareGpu();
if (lacking) console.warn(`The choice of a graphics card is not tested: ${lacking}.`);

/** The model that cards are checked with, so that nothing is compiled twice. */
const MODEL: ModelConfig = { layers: 2, width: 32, heads: 2, context: 24, vocab: 96 };
const options = (losses = lossesIn()) => ({
  ...{ maxSequences: 2, slices: new Slices(), throttle: { share: 1 }, losses },
  budgetBytes: null,
  ramBytes: null,
  lostInUse: null,
  tilings: { path: join(tmpdir(), 'nobody', 'tilings.json'), told: () => {} },
  signal: AbortSignal.timeout(60_000),
});
/** In a folder of its own, which is not there yet. */
const lossesIn = () =>
  new LossMemory(join(tmpdir(), `losses-${process.pid}-${Math.random()}`, 'device-losses.json'), {
    notice: () => {},
  });
const CARD: EngineChoice = { ...onProcessor(1), kind: 'gpu' };

const FIXTURE = fileURLToPath(new URL('../fixtures/choose-tensorflow.ts', import.meta.url));

beforeAll(buildKernels);

it('is the processor where that was asked for', async () => {
  const { engine, instead } = await chooseEngine(onProcessor(2), MODEL, options());
  expect([engine.capabilities.id, engine.capabilities.threads, instead]).toEqual(['cpu', 2, null]);
  await engine.dispose();
});

it('is the processor where TensorFlow was asked for and never added, or cannot be loaded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'no-tensorflow-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const reasonIn = async () => {
    const { engine, instead } = await chooseEngine(
      { ...onProcessor(1), kind: 'tensorflow', folder },
      MODEL,
      options(),
    );
    await engine.dispose();
    expect(engine.capabilities.id).toBe('cpu');
    return [instead?.code, instead?.params.reason];
  };
  expect(await reasonIn()).toEqual(['ENGINE_TENSORFLOW_FELL_BACK', 'ENGINE_ABSENT']);
  const broken = join(folder, 'node_modules/@tensorflow/tfjs-node-gpu');
  await mkdir(broken, { recursive: true });
  await writeFile(join(broken, 'index.js'), "throw new Error('the library is of another machine');");
  expect(await reasonIn()).toEqual(['ENGINE_TENSORFLOW_FELL_BACK', 'ENGINE_BROKEN']);
});

it('says why neither what was asked for nor the processor can train a model', async () => {
  const { model } = shippedConsensus().find(({ name }) => name === 'gpt2-250m')!;
  const gone = { ...CARD, device: 'no key of a card' };
  await expect(chooseEngine(gone, model, options())).rejects.toMatchObject({
    code: 'ENGINE_NONE',
    params: { chosen: 'the graphics card', reason: 'CARD_GONE', processorReason: 'ENGINE_TOO_LARGE' },
  });
});

it('is the processor where TensorFlow took two processes along, each of which left its mark', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'deadly-tensorflow-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const deadly = join(folder, 'node_modules/@tensorflow/tfjs-node-gpu');
  await mkdir(deadly, { recursive: true });
  await writeFile(join(deadly, 'index.js'), "process.kill(process.pid, 'SIGSEGV');");
  const start = () =>
    spawnSync(process.execPath, [FIXTURE, folder, join(folder, 'state')], { encoding: 'utf8' });
  expect(start().signal).toBe('SIGSEGV');
  expect(start().signal).toBe('SIGSEGV');
  const third = start();
  expect(third.stdout).toBe('["cpu","ENGINE_TENSORFLOW_FELL_BACK","ENGINE_DIED"]\n');
});

describe.skipIf(lacking !== null)('a graphics card', () => {
  it('is used once it was checked', async () => {
    const { engine, instead } = await chooseEngine(CARD, MODEL, options());
    expect([engine.capabilities.id, instead]).toEqual(['gpu', null]);
    await engine.dispose();
  });

  it('that was chosen is the one that is used, by the name it was chosen by', async () => {
    const adapter = (await listAdapters())[0]!;
    const chosen = { ...CARD, device: adapterKey(adapter) };
    const { engine, instead } = await chooseEngine(chosen, MODEL, options());
    expect([engine.capabilities.id, instead]).toEqual(['gpu', null]);
    expect(engine.capabilities.description).toContain(adapter.name);
    await engine.dispose();
  });

  it('that was chosen and is gone leaves the work to the processor, and says which one it was', async () => {
    const chosen = { ...CARD, device: 'vulkan/GeForce of yesterday' };
    const { engine, instead } = await chooseEngine(chosen, MODEL, options());
    expect(engine.capabilities.id).toBe('cpu');
    expect(instead).toMatchObject({
      code: 'ENGINE_FELL_BACK',
      params: { reason: 'CARD_GONE', device: 'GeForce of yesterday' },
    });
    await engine.dispose();
  });

  it('that a processor plays is not used unless its driver was named: the processor itself is faster', async () => {
    const { engine, instead } = await chooseEngine(CARD, MODEL, { ...options(), allowsSoftware: false });
    expect(engine.capabilities.id).toBe('cpu');
    expect(instead).toMatchObject({ code: 'ENGINE_FELL_BACK', params: { reason: 'ENGINE_NO_GPU' } });
    await engine.dispose();
  });

  // Four engines in a row; the ladder itself is tested without any.
  it.runIf(process.env.BUTTERFLY_LONG)(
    'that was lost twice is asked for less, and after two more losses for nothing, with the reason',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'losses-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const losses = new LossMemory(join(folder, 'device-losses.json'), { notice: () => {} });
      const chosen = async () => {
        const { engine, instead, gentler } = await chooseEngine(CARD, MODEL, options(losses));
        await engine.dispose();
        const { id } = engine.capabilities;
        return [id, engine.plan?.passSequences, instead?.params.reason, gentler?.code];
      };
      await losses.add(null);
      expect(await chosen()).toEqual(['gpu', 2, undefined, undefined]);
      await losses.add(null);
      expect(await chosen()).toEqual(['gpu', 1, undefined, 'ENGINE_SMALLER_PASSES']);
      await losses.add(null);
      await losses.add(null);
      expect(await chosen()).toEqual(['cpu', 2, 'ENGINE_LOST_OFTEN', undefined]);
    },
  );

  it('that computes wrongly is found out', async () => {
    const gpu = await openDevice({ flags: ['backend=vulkan'] });
    class Broken extends Pipelines {
      override compile(kernel: Kernel) {
        return super.compile({ ...kernel, code: kernel.code.replace('1e-5', '1e-3') });
      }
    }
    const station = { gpu, pipelines: new Broken(gpu) };
    await expect(
      rightPrecision('a card', ['f32'], (config) => engineOn(station, config, { maxSequences: 1 })),
    ).rejects.toMatchObject({
      code: 'ENGINE_WRONG',
    });
    gpu.dispose();
  });
});

describe('the precision of a card', () => {
  const make = async (config: ModelConfig) =>
    createCpuEngine(config, { maxSequences: 1, threads: 1, isInline: true });
  /** An engine whose numbers of `vector` are a tenth too large. */
  const broken = async (config: ModelConfig, vector: EngineVector) => {
    const engine = await make(config);
    const read = engine.read.bind(engine);
    engine.read = async (which, into, offset) => {
      await read(which, into, offset);
      if (which === vector)
        into.forEach((value, i) => {
          into[i] = 1.1 * value;
        });
    };
    return engine;
  };

  it.each(['gradient', 'parameters'] as const)(
    'is float32 where its float16 has a wrong %s',
    async (vector) => {
      const made = (config: ModelConfig, precision: Format) =>
        precision === 'f16' ? broken(config, vector) : make(config);
      expect(await rightPrecision('a card', ['f16', 'f32'], made)).toBe('f32');
      expect(await rightPrecision('a card', ['f16', 'f32'], make)).toBe('f16');
      await expect(rightPrecision('a card', ['f16'], made)).rejects.toMatchObject({ code: 'ENGINE_WRONG' });
    },
  );

  it.each(['ENGINE_GPU_SMALL', 'ENGINE_GPU_MEMORY'])(
    'is float32 where memory is too little (%s)',
    async (code) => {
      const tooLarge = new AppError(code as 'ENGINE_GPU_SMALL', {
        device: 'a card',
        neededMib: 15,
        freeMib: 14,
      });
      const fits = async (isWithoutHalf: boolean) => {
        if (!isWithoutHalf) throw tooLarge;
        return 'f32';
      };
      expect(await asMemoryAllows(false, fits)).toBe('f32');
      const never = vi.fn(async () => Promise.reject(tooLarge));
      await expect(asMemoryAllows(false, never)).rejects.toBe(tooLarge);
      expect(never.mock.calls).toEqual([[false], [true]]);
      const wrong = vi.fn(async () =>
        Promise.reject(new AppError('ENGINE_WRONG', { device: '', apart: '1' })),
      );
      await expect(asMemoryAllows(false, wrong)).rejects.toMatchObject({ code: 'ENGINE_WRONG' });
      expect(wrong).toHaveBeenCalledTimes(1);
    },
  );

  it('is float32 where float16 cannot be had, and none where the card was lost', async () => {
    const failing = (thrown: Error) => async (config: ModelConfig, precision: Format) => {
      if (precision === 'f16') throw thrown;
      return make(config);
    };
    const refused = failing(new Error('the driver refuses a shader'));
    expect(await rightPrecision('a card', ['f16', 'f32'], refused)).toBe('f32');
    const lost = failing(new AppError('ENGINE_DEVICE_LOST', { device: 'a card', reason: 'gone' }));
    await expect(rightPrecision('a card', ['f16', 'f32'], lost)).rejects.toMatchObject({
      code: 'ENGINE_DEVICE_LOST',
    });
  });
});
