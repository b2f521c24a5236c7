import { availableParallelism } from 'node:os';
import { serveChild } from '../../../src-node/child.ts';
import { tensorFlowKitContract } from '../../../src-shared/contract/tensorflow-kit.ts';
import { demandSameStep } from '../engine/check.ts';
import { loadTensorFlow } from '../engine/tensorflow/load.ts';
import { capabilitiesOf, createTensorFlowEngine } from '../engine/tensorflow/tensorflow-engine.ts';
import { unpackWheel } from './unpack-wheel.ts';

serveChild(tensorFlowKitContract, async ({ folder }, door) => ({
  facts: {},
  handlers: {
    unpack: (wanted, signal) =>
      unpackWheel({ ...wanted, folder, told: (share) => door.emit('unpacked', { share }) }, signal),
    async try() {
      const loaded = loadTensorFlow(folder, availableParallelism());
      await demandSameStep(loaded.name, (config) =>
        createTensorFlowEngine(loaded, config, { maxSequences: 1 }),
      );
      return { description: capabilitiesOf(loaded).description };
    },
  },
  stop: async () => undefined,
}));
