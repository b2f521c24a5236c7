import type { EngineChoice, EngineKind } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type ModelConfig, parameterCount } from '../../../src-shared/model/layout.ts';
import { openCard } from '../engine/choose.ts';
import { cpuBackend, createCpuEngine } from '../engine/cpu/cpu-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { engineOn } from '../engine/gpu/create.ts';
import { loadTensorFlow } from '../engine/tensorflow/load.ts';
import { createTensorFlowEngine } from '../engine/tensorflow/tensorflow-engine.ts';

/** A device on which engines are made one after the other. */
export interface Bench {
  readonly computes: EngineKind;
  /** As a person knows it. */
  readonly name: string;
  /** @throws {AppError} where the model does not fit */
  create(config: ModelConfig, maxSequences: number): Promise<Engine>;
  dispose(): void;
}

/**
 * The device that was chosen, and no other in its place.
 * @throws {AppError} ENGINE_NO_GPU, CARD_GONE, ENGINE_WRONG, ENGINE_UNAVAILABLE, ENGINE_ABSENT, ENGINE_BROKEN
 */
export async function openBench(choice: EngineChoice, signal: AbortSignal): Promise<Bench> {
  switch (choice.kind) {
    case 'gpu':
      return onCard(choice, signal);
    case 'tensorflow':
      return onTensorFlow(choice);
    case 'cpu':
      return onProcessor(choice, signal);
  }
}

async function onCard(choice: EngineChoice, signal: AbortSignal): Promise<Bench> {
  const station = await openCard(choice, signal);
  return {
    computes: 'gpu',
    name: station.gpu.facts.name,
    create: (config, maxSequences) => engineOn(station, config, { maxSequences, signal }),
    dispose: station.gpu.dispose,
  };
}

function onTensorFlow({ folder, threads }: EngineChoice): Bench {
  if (folder === undefined) throw new AppError('ENGINE_ABSENT', { engine: 'TensorFlow' });
  const loaded = loadTensorFlow(folder, threads);
  return {
    computes: 'tensorflow',
    name: loaded.name,
    create: async (config, maxSequences) => createTensorFlowEngine(loaded, config, { maxSequences }),
    dispose: () => undefined,
  };
}

/** Bytes that the processor's engine holds for a parameter: two sets of weights, gradient, two moments. */
const BYTES_PER_PARAMETER = 20;

async function onProcessor({ threads }: EngineChoice, signal: AbortSignal): Promise<Bench> {
  const found = await cpuBackend.probe();
  if (!found.available) throw new AppError('ENGINE_UNAVAILABLE', { path: found.reason });
  const { maxParameters } = found.capabilities;
  return {
    computes: 'cpu',
    name: `processor, ${threads === 1 ? '1 thread' : `${threads} threads`}`,
    async create(config, maxSequences) {
      const parameters = parameterCount(config);
      if (parameters > maxParameters)
        throw new AppError('ENGINE_MEMORY', {
          neededMib: Math.ceil((BYTES_PER_PARAMETER * parameters) / 2 ** 20),
        });
      return createCpuEngine(config, { threads, maxSequences, signal, isInline: false });
    },
    dispose: () => undefined,
  };
}
