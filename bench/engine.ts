import { benchCpuEngine } from './engine/cpu-engine.ts';
import { baseCheckBus, gpuVsTfjsWebgpu } from './engine/gpu-engine.ts';
import { hfLossDiff } from './engine/hf-loss.ts';
import { type Bench, figure } from './report/figures.ts';
import { type Measures, reportOf } from './report/measure.ts';

const measures: Measures = {
  'gpu-vs-tfjs-webgpu': gpuVsTfjsWebgpu,
  'base-check-bus': baseCheckBus,
  'hf-loss-diff': hfLossDiff,
  async 'cpu-vs-tfjs-wasm'() {
    const { value, raw } = await benchCpuEngine();
    const seen = `${raw.engine}: ${Math.round(raw.oursTokensPerS)} tokens/s`;
    return figure('cpu-vs-tfjs-wasm', value, 'x', { floor: 6, goal: 10, peer: 1, seen });
  },
};

/** Engines against others on the same machine, in one run. */
export const bench: Bench = (only) => reportOf(measures, only);
