import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ModelConfig,
  type ParameterName,
  parameterLayout,
} from '../../../../src-shared/model/layout.ts';
import { cpuBackend } from '../../../../src-worker/train/engine/cpu/create.ts';
import type { AdamWSettings, Engine, EngineBackend } from '../../../../src-worker/train/engine/engine.ts';
import { gpuBackend } from '../../../../src-worker/train/engine/gpu/create.ts';
import { referenceBackend } from '../../../../src-worker/train/engine/reference/reference-engine.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { chooseSoftwareGpu } from './software-gpu.ts';
import { relativeError } from './support.ts';
import { plainTfjsBackend } from './tensorflow/plain-tfjs.ts';

/** Written by tools/fixtures/gpt2_parity.py. */
const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/gpt2-parity.json', import.meta.url), 'utf8'),
) as {
  config: ModelConfig;
  ids: number[];
  targets: number[];
  adamw: AdamWSettings;
  loss: number;
  gradients: Record<ParameterName, number[]>;
  trace: { loss: number; gradNorm: number }[];
};

/** The generator's numbers in [0, 1). */
function hashed(index: number): number {
  let h = Math.imul(index, 2654435761) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 2246822507) >>> 0;
  return ((h ^ (h >>> 13)) >>> 0) / 2 ** 32;
}

/** The generator's weights: around 0, around 1 for norm gains. */
function fixtureWeights(): Float32Array {
  const layout = parameterLayout(fixture.config);
  return Float32Array.from(
    layout.flatMap(({ name, offset, length }) =>
      Array.from({ length }, (_, i) => (hashed(offset + i + 1) - 0.5) * 0.5 + (/^ln.*w$/.test(name) ? 1 : 0)),
    ),
  );
}

interface Limits {
  readonly loss: number;
  readonly gradient: number;
  readonly trace: number;
}

const SINGLE: Limits = { loss: 1e-5, gradient: 5e-6, trace: 1e-4 };
const ENGINES: [string, EngineBackend, Limits][] = [
  // Read-out is float32 even here, and PyTorch adds 1e-6 to the norm when it clips.
  ['reference', referenceBackend, { loss: 1e-12, gradient: 1e-7, trace: 1e-6 }],
  ['cpu', cpuBackend, SINGLE],
  ['tensorflow, on plain tfjs', plainTfjsBackend, SINGLE],
  ...(chooseSoftwareGpu() === null
    ? [['gpu', gpuBackend(['backend=vulkan']), SINGLE] as [string, EngineBackend, Limits]]
    : []),
];

describe.each(ENGINES)('%s engine against PyTorch in float64', (_name, backend, limits) => {
  const layout = parameterLayout(fixture.config);
  const ids = Uint16Array.from(fixture.ids);
  const targets = Uint16Array.from(fixture.targets);

  // One for both: compiling the shaders of a graphics card takes longer than all else.
  let engine: Engine;
  beforeAll(async () => {
    await buildKernels();
    engine = await backend.create(fixture.config, { maxSequences: 3 });
  });
  beforeEach(() => engine.load(fixtureWeights()));
  afterAll(() => engine.dispose());

  it('loss and every gradient tensor agree', async () => {
    const { loss } = await engine.gradient([{ ids, targets }]);
    expect(Math.abs(loss - fixture.loss)).toBeLessThan(limits.loss);
    for (const { name, offset, length } of layout) {
      const gradient = new Float32Array(length);
      await engine.read('gradient', gradient, offset);
      expect(relativeError(gradient, fixture.gradients[name]), name).toBeLessThan(limits.gradient);
    }
  });

  it('losses and gradient norms of ten AdamW steps agree', async () => {
    for (const expected of fixture.trace) {
      const { loss } = await engine.gradient([{ ids, targets }]);
      const { gradNorm } = await engine.optimizerStep(fixture.adamw);
      expect(Math.abs(loss - expected.loss)).toBeLessThan(limits.trace);
      expect(Math.abs(gradNorm / expected.gradNorm - 1)).toBeLessThan(limits.trace);
    }
  });
});
