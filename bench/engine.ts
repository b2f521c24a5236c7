import { buildKernels } from '../tools/tasks/build-kernels.ts';
import { cpuGemmVsOpenblas } from './engine/cpu-gemm.ts';
import { cpuVsJaxjsWasm, cpuVsTensorFlow, cpuVsTensorFlowWide, cpuVsTfjsWasm } from './engine/cpu-peers.ts';
import { cpuScaling } from './engine/cpu-scaling.ts';
import { baseCheckBus, gpuVsJaxjsWebgpu, gpuVsTfjsWebgpu } from './engine/gpu-engine.ts';
import { hfLossDiff } from './engine/hf-loss.ts';
import { jsShare } from './engine/js-share.ts';
import { streamVsBandwidth } from './engine/streams.ts';
import type { Bench } from './report/figures.ts';
import { type Measures, reportOf } from './report/measure.ts';

const measures: Measures = {
  'cpu-vs-tfjs-wasm': cpuVsTfjsWasm,
  'cpu-vs-jaxjs-wasm': cpuVsJaxjsWasm,
  'cpu-vs-tensorflow': cpuVsTensorFlow,
  'cpu-vs-tensorflow-wide': cpuVsTensorFlowWide,
  'cpu-gemm-vs-openblas': cpuGemmVsOpenblas,
  'cpu-scaling': cpuScaling,
  'gpu-vs-tfjs-webgpu': gpuVsTfjsWebgpu,
  'gpu-vs-jaxjs-webgpu': gpuVsJaxjsWebgpu,
  'js-share': jsShare,
  'stream-vs-bandwidth': streamVsBandwidth,
  'base-check-bus': baseCheckBus,
  'hf-loss-diff': hfLossDiff,
};

/** Engines against others on the same machine, in one run. */
export const bench: Bench = async (only) => {
  await buildKernels();
  return reportOf(measures, only);
};
