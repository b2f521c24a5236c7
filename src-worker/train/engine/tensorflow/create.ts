import { availableParallelism } from 'node:os';
import { describeError, toCodedError } from '../../../../src-shared/errors/app-error.ts';
import type { EngineBackend } from '../engine.ts';
import { loadTensorFlow } from './load.ts';
import { capabilitiesOf, createTensorFlowEngine } from './tensorflow-engine.ts';

/**
 * TensorFlow as a user added it. The package is loaded into this process when it is first asked for, with as many threads
 * as were asked for then.
 * @param folder where it lies, or would
 */
export const tensorFlowBackend = (folder: string): EngineBackend => ({
  async probe() {
    try {
      return {
        available: true,
        capabilities: capabilitiesOf(loadTensorFlow(folder, availableParallelism())),
      };
    } catch (thrown) {
      return { available: false, reason: describeError(toCodedError(thrown)).sentence };
    }
  },
  create: (config, { threads = 1, ...options }) =>
    createTensorFlowEngine(loadTensorFlow(folder, threads), config, options),
});
