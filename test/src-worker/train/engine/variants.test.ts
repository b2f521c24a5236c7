import { beforeAll, expect, it } from 'vitest';
import { chooseKernels } from '../../../../src-worker/train/engine/cpu/variants.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';

beforeAll(buildKernels);

it('takes a build with fused multiply-add on a machine that runs one', async () => {
  expect(['relaxed', 'wide']).toContain((await chooseKernels()).variant);
});

it('takes the build that was asked for', async () => {
  for (const variant of ['simd', 'relaxed', 'wide'] as const) {
    expect((await chooseKernels(variant)).variant).toBe(variant);
  }
});
