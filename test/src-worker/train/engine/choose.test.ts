import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { adapterKey } from '../../../../src-shared/cards/adapter.ts';
import { type EngineChoice, onProcessor } from '../../../../src-shared/contract/train.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { chooseEngine, demandRight } from '../../../../src-worker/train/engine/choose.ts';
import { listAdapters } from '../../../../src-worker/train/engine/gpu/adapters.ts';
import { openDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../../../src-worker/train/engine/gpu/pipelines.ts';
import type { Kernel } from '../../../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import { Slices } from '../../../../src-worker/train/slices.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { chooseSoftwareGpu } from './software-gpu.ts';

const lacking = chooseSoftwareGpu();
if (lacking) console.warn(`The choice of a graphics card is not tested: ${lacking}.`);

/** The model that cards are checked with, so that nothing is compiled twice. */
const MODEL: ModelConfig = { layers: 2, width: 32, heads: 2, context: 24, vocab: 96 };
const options = () => ({
  ...{ maxSequences: 1, slices: new Slices(), throttle: { share: 1 }, signal: AbortSignal.timeout(60_000) },
});
const CARD: EngineChoice = { ...onProcessor(1), kind: 'gpu' };

beforeAll(buildKernels);
afterEach(() => vi.unstubAllEnvs());

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
    expect(instead).toEqual({
      code: 'ENGINE_FELL_BACK',
      params: { reason: 'CARD_GONE', device: 'GeForce of yesterday' },
    });
    await engine.dispose();
  });

  it('that a processor plays is not used unless its driver was named: the processor itself is faster', async () => {
    vi.stubEnv('VK_DRIVER_FILES', '');
    const { engine, instead } = await chooseEngine(CARD, MODEL, options());
    expect(engine.capabilities.id).toBe('cpu');
    expect(instead).toMatchObject({ code: 'ENGINE_FELL_BACK', params: { reason: 'ENGINE_NO_GPU' } });
    await engine.dispose();
  });

  it('that computes wrongly is found out', async () => {
    const gpu = await openDevice({ flags: ['backend=vulkan'] });
    class Broken extends Pipelines {
      override compile(kernel: Kernel) {
        return super.compile({ ...kernel, code: kernel.code.replace('1e-5', '1e-3') });
      }
    }
    await expect(demandRight({ gpu, pipelines: new Broken(gpu) })).rejects.toMatchObject({
      code: 'ENGINE_WRONG',
    });
    gpu.dispose();
  });
});
