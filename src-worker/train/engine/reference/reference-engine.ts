import { type ModelConfig, parameterCount, parameterLayout } from '../../../../src-shared/model/layout.ts';
import type {
  AdamWSettings,
  Engine,
  EngineBackend,
  EngineCapabilities,
  OptimizerStepResult,
} from '../engine.ts';
import { checkBatch, checkConfig, checkWindow } from '../limits.ts';
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

export function createReferenceEngine(config: ModelConfig, maxSequences: number): Engine {
  checkConfig(config, CAPABILITIES);
  const layout = parameterLayout(config);
  const count = parameterCount(config);
  const parameters = new Float64Array(count);
  const gradient = new Float64Array(count);
  const m = new Float64Array(count);
  const v = new Float64Array(count);
  let step = 0;

  const norm = () => Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
  const zeroMoments = () => {
    m.fill(0);
    v.fill(0);
    step = 0;
  };
  const copyOut = async (from: Float64Array, into: Float32Array, offset = 0) => {
    checkWindow(into.length, offset, count);
    into.set(from.subarray(offset, offset + into.length));
  };

  function optimizerStep({ lr, beta1, beta2, eps, weightDecay, clip }: AdamWSettings): OptimizerStepResult {
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

  return {
    config,
    layout,
    capabilities: CAPABILITIES,
    async load(flat) {
      checkWindow(flat.length, 0, count, { whole: true });
      parameters.set(flat);
      gradient.fill(0);
      zeroMoments();
    },
    async microStep(ids, targets, { accumulate, microBatches }) {
      checkBatch(ids, targets, config, maxSequences);
      if (!accumulate) gradient.fill(0);
      return { loss: lossAndGradient(config, parameters, ids, targets, gradient, 1 / microBatches) };
    },
    gradNorm: async () => norm(),
    optimizerStep: async (settings) => optimizerStep(settings),
    async evalLoss(ids, targets) {
      checkBatch(ids, targets, config, maxSequences);
      return lossAndGradient(config, parameters, ids, targets);
    },
    readParameters: (into, offset) => copyOut(parameters, into, offset),
    readGradient: (into, offset) => copyOut(gradient, into, offset),
    async writeParameters(from, offset = 0) {
      checkWindow(from.length, offset, count);
      parameters.set(from, offset);
    },
    async addToParameters(delta, offset = 0) {
      checkWindow(delta.length, offset, count);
      for (let i = 0; i < delta.length; i++) parameters[offset + i]! += delta[i]!;
    },
    snapshotOptimizer: async () => ({ step, m: Float32Array.from(m), v: Float32Array.from(v) }),
    async restoreOptimizer(state) {
      checkWindow(state.m.length, 0, count, { whole: true });
      checkWindow(state.v.length, 0, count, { whole: true });
      m.set(state.m);
      v.set(state.v);
      step = state.step;
    },
    zeroMoments: async () => zeroMoments(),
    dispose: async () => {},
  };
}
