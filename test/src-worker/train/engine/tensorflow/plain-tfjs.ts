import { loadTfjs } from '../../../../../bench/engine/tfjs-bundle.ts';
import { registerScatter } from '../../../../../bench/engine/tfjs-gpt.ts';
import type { EngineBackend } from '../../../../../src-worker/train/engine/engine.ts';
import {
  capabilitiesOf,
  createTensorFlowEngine,
} from '../../../../../src-worker/train/engine/tensorflow/tensorflow-engine.ts';
import type { LoadedTfjs } from '../../../../../src-worker/train/engine/tensorflow/tfjs.ts';

/** The same graph on tfjs's own WASM backend, which needs no library: what the native one is where it cannot be had. */
export async function loadPlainTfjs(): Promise<LoadedTfjs> {
  const tf = await loadTfjs();
  registerScatter(tf);
  await tf.setBackend('wasm');
  await tf.ready();
  return { tf, name: 'tfjs WASM', threads: 1, isOnCard: false };
}

export const plainTfjsBackend: EngineBackend = {
  probe: async () => ({ available: true, capabilities: capabilitiesOf(await loadPlainTfjs()) }),
  create: async (config, options) => createTensorFlowEngine(await loadPlainTfjs(), config, options),
};
