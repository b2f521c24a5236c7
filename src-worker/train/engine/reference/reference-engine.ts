import { type ModelConfig, parameterCount, parameterLayout } from '../../../../src-shared/model/layout.ts';
import type {
  AdamWSettings,
  Batch,
  Engine,
  EngineBackend,
  EngineCapabilities,
  EngineVector,
  GradientOptions,
  OptimizerStepResult,
} from '../engine.ts';
import { checkBatch, checkConfig, checkWindow, EngineMisuse } from '../limits.ts';
import { sketchGradient } from '../sketch.ts';
import { lossAndGradient } from './model.ts';

const CAPABILITIES: EngineCapabilities = {
  id: 'reference',
  description: 'float64 reference, one thread',
  precision: 'f64',
  threads: 1,
  isDeterministic: true,
  maxParameters: 2_000_000,
};

/** The slow and readable engine that the others are compared with. Its state is float64 throughout. */
export const referenceBackend: EngineBackend = {
  probe: async () => ({ available: true, capabilities: CAPABILITIES }),
  create: async (config, { maxSequences }) => createReferenceEngine(config, maxSequences),
};

/** Its gradient may be written too: what a step of another's should come to. */
export interface ReferenceEngine extends Engine {
  write(vector: EngineVector, from: Float32Array, offset?: number): Promise<void>;
}

export function createReferenceEngine(config: ModelConfig, maxSequences: number): ReferenceEngine {
  checkConfig(config, CAPABILITIES);
  const layout = parameterLayout(config);
  const count = parameterCount(config);
  const vectors: Readonly<Record<EngineVector, Float64Array>> = {
    parameters: new Float64Array(count),
    gradient: new Float64Array(count),
    m: new Float64Array(count),
    v: new Float64Array(count),
  };
  let weights = vectors.parameters;
  let step = 0;

  const norm = () => Math.sqrt(vectors.gradient.reduce((sum, g) => sum + g * g, 0));
  const zeroMoments = () => {
    vectors.m.fill(0);
    vectors.v.fill(0);
    step = 0;
  };
  const checkAtParameters = () => {
    if (weights !== vectors.parameters) throw new EngineMisuse('not while the base is worked at');
  };
  function optimizerStep({ lr, beta1, beta2, eps, weightDecay, clip }: AdamWSettings): OptimizerStepResult {
    const { parameters, gradient, m, v } = vectors;
    const gradNorm = norm();
    if (!Number.isFinite(gradNorm)) return { gradNorm, applied: false };
    const scale = clip > 0 && gradNorm > clip ? clip / gradNorm : 1;
    step++;
    for (const { offset, length, decay } of layout) {
      for (let i = offset; i < offset + length; i++) {
        const g = gradient[i]! * scale;
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        const mHat = m[i]! / (1 - beta1 ** step);
        const vHat = v[i]! / (1 - beta2 ** step);
        parameters[i]! -= lr * ((decay ? weightDecay : 0) * parameters[i]! + mHat / (Math.sqrt(vHat) + eps));
      }
    }
    return { gradNorm, applied: true };
  }

  const losses = (batches: readonly Batch[], gradientScale?: number) =>
    batches.map(({ ids, targets }) => {
      checkBatch(ids, targets, config, maxSequences);
      const into = gradientScale === undefined ? undefined : vectors.gradient;
      return lossAndGradient(config, weights, ids, targets, into, gradientScale);
    });

  function gradientOf(batches: readonly Batch[], { sketchSeed, signal }: GradientOptions = {}) {
    signal?.throwIfAborted();
    const { gradient } = vectors;
    const sketches = (sketchSeed ? batches : []).map((batch) => {
      gradient.fill(0);
      losses([batch], 1);
      return sketchGradient(gradient, layout, sketchSeed!);
    });
    gradient.fill(0);
    const sum = losses(batches, 1 / batches.length).reduce((total, loss) => total + loss, 0);
    return { loss: sum / batches.length, sketches };
  }

  return {
    config,
    layout,
    capabilities: CAPABILITIES,
    plan: null,
    get steps() {
      return step;
    },
    setSteps(steps) {
      step = steps;
    },
    async load(flat) {
      checkWindow(flat.length, 0, count, { whole: true });
      vectors.parameters.set(flat);
      vectors.gradient.fill(0);
      zeroMoments();
    },
    gradient: async (batches, options) => gradientOf(batches, options),
    gradNorm: async () => norm(),
    async optimizerStep(settings) {
      checkAtParameters();
      return optimizerStep(settings);
    },
    losses: async (batches) => losses(batches),
    async atBase(base, work) {
      checkAtParameters();
      const at = new Float32Array(count);
      await base.read(at, 0);
      weights = Float64Array.from(at);
      try {
        return await work();
      } finally {
        weights = vectors.parameters;
      }
    },
    async read(vector, into, offset = 0) {
      checkWindow(into.length, offset, count);
      into.set(vectors[vector].subarray(offset, offset + into.length));
    },
    async write(vector, from, offset = 0) {
      checkWindow(from.length, offset, count);
      vectors[vector].set(from, offset);
    },
    zeroMoments: async () => zeroMoments(),
    dispose: async () => {},
  };
}
