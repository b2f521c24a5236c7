import { cpuBackend, createCpuEngine } from '../../../../src-worker/train/engine/cpu/create.ts';
import type { EngineBackend } from '../../../../src-worker/train/engine/engine.ts';
import { createGpuEngine, gpuBackend } from '../../../../src-worker/train/engine/gpu/create.ts';
import { referenceBackend } from '../../../../src-worker/train/engine/reference/reference-engine.ts';
import { engineContract } from './contract-suite.ts';
import { chooseHalfGpu, chooseSoftwareGpu, HALF_ADAPTER } from './software-gpu.ts';
import { plainTfjsBackend } from './tensorflow/plain-tfjs.ts';

engineContract('reference', referenceBackend, 1);
engineContract('cpu, 1 thread', cpuBackend, 1);
engineContract('cpu, 2 threads', cpuBackend, 2);
const sequenceBySequence: EngineBackend = {
  probe: cpuBackend.probe,
  create: (config, options) => createCpuEngine(config, { ...options, mostInPass: 1 }),
};
engineContract('cpu, in passes', sequenceBySequence, 1);
// The real library has its own file: tensorflow/native.test.ts.
engineContract('tensorflow, on plain tfjs', plainTfjsBackend, 1);
if (chooseSoftwareGpu() === null) engineContract('gpu', gpuBackend(['backend=vulkan']), 1);
const baseInPlace: EngineBackend = {
  probe: gpuBackend(['backend=vulkan']).probe,
  create: (config, options) =>
    createGpuEngine(config, { ...options, flags: ['backend=vulkan'], fixed: { hasBaseBeside: false } }),
};
if (process.env.BUTTERFLY_LONG && chooseSoftwareGpu() === null)
  engineContract('gpu without room for the base', baseInPlace, 1);
// Its shaders take long to compile where a processor plays a card: what is its own stands in half.test.ts.
if (process.env.BUTTERFLY_LONG && (await chooseHalfGpu()) === null)
  engineContract('gpu in float16', gpuBackend(HALF_ADAPTER, 'f16'), 1);
