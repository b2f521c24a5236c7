import type { EngineChoice, EngineKind } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type ModelConfig, parameterCount } from '../../../src-shared/model/layout.ts';
import { asMemoryAllows, openCard, tilesOf } from '../engine/choose.ts';
import { cpuBackend, createCpuEngine } from '../engine/cpu/create.ts';
import type { Engine } from '../engine/engine.ts';
import { engineOn } from '../engine/gpu/create.ts';
import { type TuneOptions, untuned } from '../engine/gpu/tune/tune.ts';
import { loadTensorFlow } from '../engine/tensorflow/load.ts';
import { createTensorFlowEngine } from '../engine/tensorflow/tensorflow-engine.ts';
import { ramBeside } from '../footprint.ts';
import { freeRam } from '../free-ram.ts';

/** What a run has beside what was chosen. */
interface Surroundings {
  /** Where it is kept which tiles are fastest on a card. */
  readonly tilings: Pick<TuneOptions, 'path' | 'told'>;
  /** Memory of the card that nobody uses; null: nobody can tell. */
  readonly freeBytes: number | null;
}

/** A device on which engines are made one after the other. */
export interface Bench {
  readonly computes: EngineKind;
  /** As a person knows it. */
  readonly name: string;
  /**
   * @param tuneMs how long the fastest tiles may be looked for, where that is done; default: not at all
   * @throws {AppError} where the model does not fit
   */
  create(config: ModelConfig, maxSequences: number, tuneMs?: number): Promise<Engine>;
  dispose(): void;
}

/**
 * The device that was chosen, and no other in its place.
 * @throws {AppError} ENGINE_NO_GPU, CARD_GONE, ENGINE_WRONG, ENGINE_UNAVAILABLE, ENGINE_ABSENT, ENGINE_BROKEN
 */
export async function openBench(
  choice: EngineChoice,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Bench> {
  switch (choice.kind) {
    case 'gpu':
      return onCard(choice, surroundings, signal);
    case 'tensorflow':
      return onTensorFlow(choice);
    case 'cpu':
      return onProcessor(choice, signal);
  }
}

async function onCard(
  choice: EngineChoice,
  { tilings, freeBytes: budgetBytes }: Surroundings,
  signal: AbortSignal,
): Promise<Bench> {
  const station = await openCard(choice, { signal });
  const { gpu, precision } = station;
  return {
    computes: 'gpu',
    name: gpu.facts.name,
    async create(config, maxSequences, tuneMs) {
      // As a run holds it, which may be in 32 bits though the card has 16.
      const ramBytes = ramBeside(await freeRam(), parameterCount(config));
      return asMemoryAllows(precision === 'f32', async (isWithoutHalf) => {
        const own = isWithoutHalf ? 'f32' : precision;
        const rows = maxSequences * config.context;
        const tuning = { config, format: own, rows, ...tilings, signal };
        const tilingOf =
          tuneMs === undefined ? untuned(gpu, own) : await tilesOf(station, { ...tuning, budgetMs: tuneMs });
        const options = { precision: own, tilingOf, maxSequences, budgetBytes, ramBytes, signal };
        return engineOn(station, config, options);
      });
    },
    dispose: gpu.dispose,
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

async function onProcessor({ threads }: EngineChoice, signal: AbortSignal): Promise<Bench> {
  const found = await cpuBackend.probe();
  if (!found.available) throw new AppError('ENGINE_UNAVAILABLE', { path: found.reason });
  return {
    computes: 'cpu',
    name: `processor, ${threads === 1 ? '1 thread' : `${threads} threads`}`,
    create: (config, maxSequences) =>
      createCpuEngine(config, { threads, maxSequences, signal, isInline: false }),
    dispose: () => undefined,
  };
}
