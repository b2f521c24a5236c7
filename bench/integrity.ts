import { buildKernels } from '../tools/tasks/build-kernels.ts';
import { checkCost } from './integrity/check-cost.ts';
import { crossEngineFalse } from './integrity/cross-engine.ts';
import { inParallel } from './integrity/in-parallel.ts';
import { plannedRuns } from './integrity/planned.ts';
import { type Bench, describeMachine } from './report/figures.ts';
import { checkNames, type Measures, measureEach } from './report/measure.ts';

const alone: Measures = { 'cross-engine-false': crossEngineFalse, 'check-cost': checkCost };

/** What cheats bring, and what honest miners lose by being looked at: whole hosts in played time (decision 89). */
export const bench: Bench = async (only) => {
  const names = plannedRuns.flatMap(({ figures }) => figures);
  checkNames(only, [...names, ...Object.keys(alone)]);
  await buildKernels();
  const isWanted = (name: string) => only === null || only.includes(name);
  const wanted = plannedRuns.filter(({ figures }) => figures.some(isWanted));
  const found = await inParallel(plannedRuns, wanted);
  const figures = names.filter(isWanted).flatMap((name) => found.get(name) ?? []);
  return { machine: describeMachine(), figures: [...figures, ...(await measureEach(alone, only))] };
};
