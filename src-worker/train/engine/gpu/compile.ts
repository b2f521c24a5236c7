import type { GpuDevice } from './device.ts';
import type { Vector } from './memory.ts';
import { OptimizerOps } from './optimizer.ts';
import { backward } from './passes/backward.ts';
import { forward } from './passes/forward.ts';
import { head, lossOfBatch } from './passes/head.ts';
import type { PassParts } from './passes/parts.ts';
import type { Op, Pipelines } from './pipelines.ts';
import { SketchOps } from './sketching.ts';

/** The passes of one set of weights. */
export interface Compiled {
  readonly forward: readonly Op[];
  /** For each run of the head. */
  readonly headTrain: readonly (readonly Op[])[];
  readonly headEval: readonly (readonly Op[])[];
  readonly lossSum: readonly Op[];
  readonly backward: readonly Op[];
}

export interface Ops {
  readonly parameters: Compiled;
  readonly base: Compiled;
  readonly optimizer: OptimizerOps;
  readonly sketch: SketchOps;
}

/** Compiles all that an engine dispatches, for both sets of weights. */
export async function compile(gpu: GpuDevice, pipelines: Pipelines, parts: PassParts): Promise<Ops> {
  const { memory } = parts;
  const lossSum = await pipelines.ops([lossOfBatch(parts)]);
  const at = async (weights: Vector): Promise<Compiled> => {
    const runs = (isTrained: boolean) =>
      Promise.all(
        memory.head.map((run, index) => pipelines.ops(head(parts, weights, run, index, { isTrained }))),
      );
    return {
      forward: await pipelines.ops(forward(parts, weights)),
      headTrain: await runs(true),
      headEval: await runs(false),
      lossSum,
      backward: await pipelines.ops(backward(parts, weights)),
    };
  };
  const parameters = await at(memory.weights);
  return {
    parameters,
    base: memory.base === memory.weights ? parameters : await at(memory.base),
    optimizer: await OptimizerOps.compile(gpu, pipelines, memory, parts.lanes),
    sketch: await SketchOps.compile(gpu, pipelines, memory),
  };
}
