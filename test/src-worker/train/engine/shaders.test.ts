import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { openDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import { instanceOf } from '../../../../src-worker/train/engine/gpu/instance.ts';
import { backward } from '../../../../src-worker/train/engine/gpu/passes/backward.ts';
import { forward } from '../../../../src-worker/train/engine/gpu/passes/forward.ts';
import { head, lossOfBatch } from '../../../../src-worker/train/engine/gpu/passes/head.ts';
import { PassParts } from '../../../../src-worker/train/engine/gpu/passes/parts.ts';
import { Pipelines } from '../../../../src-worker/train/engine/gpu/pipelines.ts';
import { sketchJobs } from '../../../../src-worker/train/engine/gpu/sketching.ts';
import { takeMemory } from '../../../../src-worker/train/engine/gpu/take-memory.ts';
import { Tally } from '../../../../src-worker/train/engine/gpu/tally.ts';
import { candidatesFor } from '../../../../src-worker/train/engine/gpu/tune/tune.ts';
import { gemm, type Tiling, tilingName } from '../../../../src-worker/train/engine/gpu/wgsl/gemm.ts';
import { CARD_LANES, SOFTWARE_LANES } from '../../../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import { adamw, decide, shadow, squares } from '../../../../src-worker/train/engine/gpu/wgsl/optimizer.ts';
import { sketchSums } from '../../../../src-worker/train/engine/gpu/wgsl/sketch.ts';
import {
  isWhole,
  MATRIX_FEATURE,
  MATRIX_SHAPES,
  MATRIX_TOGGLE,
  matrixTiling,
  PROVEN_MATRICES,
} from '../../../../src-worker/train/engine/gpu/wgsl/subgroup-matrix.ts';
import { workgroupTilings } from '../../../../src-worker/train/engine/gpu/wgsl/workgroup-tile.ts';

/** Real shapes, of one layer: what is compiled does not change with their number. */
const SHAPES: Record<string, ModelConfig> = {
  practice: { layers: 1, width: 128, heads: 2, context: 64, vocab: 4096 },
  'gpt2-124m': { layers: 1, width: 768, heads: 12, context: 1024, vocab: 50_257 },
  'gpt2-1.1b': { layers: 1, width: 1920, heads: 20, context: 1024, vocab: 50_257 },
};

/** All tilings at one size; the others with what is used where nothing was tuned. */
const variants = (name: string) =>
  (['f32', 'f16'] as const).flatMap((format) => {
    const tiles = workgroupTilings(format).slice(0, name === 'gpt2-124m' ? undefined : 1);
    const tilings: readonly Tiling[] = [{ family: 'G0' }, ...tiles];
    return tilings.map((tiling) => [format, tilingName(tiling), tiling] as const);
  });

/** Dawn without a driver: it checks shaders, layouts and bindings as on any adapter, and runs nothing. */
describe.each(Object.entries(SHAPES))('shaders of %s', (name, config) => {
  it.each(variants(name))(
    '%s, %s: all compile and bind within what every adapter allows',
    async (format, _tiling, tiling) => {
      const gpu = await openDevice({ flags: ['backend=null'] });
      const shape = {
        config,
        maxSequences: 4,
        passSequences: 4,
        isCheckpointed: false,
        hasBaseBeside: true,
        hasHalfMoments: false,
        format,
      };
      const memory = takeMemory(
        new Tally(),
        gpu.limits,
        shape,
        (placed) => sketchJobs(config, placed).length,
      );
      // Rows as a processor that plays a card has them go with its products.
      const lanes = tiling.family === 'G0' ? SOFTWARE_LANES : CARD_LANES;
      const parts = new PassParts(memory, () => tiling, lanes);
      const { base } = memory;
      const heads = memory.head.flatMap((run, index) =>
        [true, false].flatMap((isTrained) => head(parts, base, run, index, { isTrained })),
      );
      const plans = [...forward(parts, base), ...heads, lossOfBatch(parts), ...backward(parts, base)];
      const pipelines = new Pipelines(gpu);
      gpu.device.pushErrorScope('validation');
      const kernels = [
        ...plans.map(({ kernel }) => kernel),
        squares(lanes.stream),
        shadow(lanes),
        sketchSums(),
      ];
      const decisions = [true, false].map((isScaled) => decide(lanes.stream, { isScaled }));
      const updates = [true, false].flatMap((isDecayed) =>
        [true, false].flatMap((hasHalfMoments) =>
          [true, false].map((hasShadow) => adamw(lanes, { isDecayed, hasHalfMoments, hasShadow })),
        ),
      );
      for (const kernel of [...kernels, ...decisions, ...updates]) await pipelines.compile(kernel);
      expect(await gpu.device.popErrorScope()).toBeNull();
      for (const { kernel, views, groups, work } of plans) {
        expect(views, kernel.key).toHaveLength(kernel.access.length);
        for (const { offset, size } of views) {
          expect(offset % 256, kernel.key).toBe(0);
          expect(size, kernel.key).toBeLessThanOrEqual(128 * 2 ** 20);
        }
        for (const size of groups(memory.rows)) expect(size).toBeLessThanOrEqual(65_535);
        const { operations, bytes } = work(memory.rows);
        expect(Math.min(operations, bytes)).toBeGreaterThan(0);
      }
      gpu.dispose();
    },
  );
});

it('a shader that does not compile costs the device nothing', async () => {
  const gpu = await openDevice({ flags: ['backend=null'] });
  const pipelines = new Pipelines(gpu);
  const right = squares(CARD_LANES.stream);
  const wrong = { ...right, key: 'wrong', code: `${right.code} what is this` };
  await expect(pipelines.compile(wrong)).rejects.toThrow(/wrong/);
  await pipelines.compile(right);
  gpu.device.queue.submit([]);
  await gpu.answer(gpu.device.queue.onSubmittedWorkDone());
  gpu.dispose();
});

/** The null adapter's subgroups are of 128 threads; others are generated for it too, since nothing is run. */
describe('products on matrix units', () => {
  const shapes = [
    {
      form: 'NT',
      epilogue: 'gelu',
      m: 'rows',
      n: 3072,
      k: 768,
      lda: 768,
      ldb: 768,
      ldc: 3072,
      result: 'f16',
    },
    { form: 'NN', epilogue: 'set', m: 'rows', n: 768, k: 3072, lda: 3072, ldb: 768, ldc: 768, result: 'f32' },
    {
      form: 'TN',
      epilogue: 'accumulate',
      m: 3072,
      n: 768,
      k: 'rows',
      lda: 3072,
      ldb: 768,
      ldc: 768,
      result: 'f32',
    },
  ] as const;
  it.each(
    MATRIX_SHAPES.flatMap((matrix) =>
      [16, 32, 64, 128].map((subgroup) => matrixTiling(matrix, subgroup)).filter(isWhole),
    ).map((tiling) => [tilingName(tiling), tiling] as const),
  )('%s: all forms compile within what every adapter allows', async (_name, tiling) => {
    const gpu = await instanceOf(['backend=null', `enable-dawn-features=${MATRIX_TOGGLE}`]);
    const adapter = (await gpu.requestAdapter())!;
    const wanted = ['shader-f16', 'subgroups', MATRIX_FEATURE] as GPUFeatureName[];
    const device = await adapter.requestDevice({ requiredFeatures: wanted });
    for (const shape of shapes) {
      const { code, key } = gemm({ ...shape, factors: 'f16' }, tiling);
      const module = device.createShaderModule({ code });
      const { messages } = await module.getCompilationInfo();
      expect(
        messages.map(({ message }) => message),
        key,
      ).toEqual([]);
      await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
    }
    device.destroy();
  });

  it('are tried on no card before a run on one of its kind is recorded', () => {
    expect(PROVEN_MATRICES.every(({ record }) => existsSync(record))).toBe(true);
    expect(
      candidatesFor('f16', { vendor: 'nvidia', architecture: 'ampere' }).map(({ family }) => family),
    ).not.toContain('G3');
  });
});
