import { beforeAll, expect, it } from 'vitest';
import { chooseKernels, isBetter } from '../../../../src-worker/train/engine/cpu/variants.ts';
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

it('takes another build only where it is faster and leads to the same bits', () => {
  const known = { bestMs: 2, parameters: Float32Array.of(1, 2) };
  expect(isBetter({ ...known, bestMs: 1 }, known)).toBe(true);
  expect(isBetter({ ...known, bestMs: 3 }, known)).toBe(false);
  const apart = Float32Array.of(1, 2 + 2 ** -22);
  expect(isBetter({ bestMs: 1, parameters: apart }, known)).toBe(false);
  expect(isBetter({ bestMs: 1, parameters: Float32Array.of(1, Number.NaN) }, known)).toBe(false);
});
