import type { Engine } from '../engine/engine.ts';
import { noProgress, type Progress } from '../state/progress.ts';
import type { LocalSide } from '../state/replica.ts';
import type { LocalImage } from '../state/snapshot.ts';
import { elementsOf } from './gradients.ts';

/** The local replica as it lives in an engine, with how far it has come. Calls hold the engine's turn. */
export class EngineLocal implements LocalSide {
  readonly #engine: Engine;
  readonly #trains: boolean;
  /** Replaced, never changed, so that an image keeps the one of its moment. */
  progress: Progress = noProgress;

  constructor(engine: Engine, options: { readonly trains: boolean }) {
    this.#engine = engine;
    this.#trains = options.trains;
  }

  async capture(): Promise<LocalImage | null> {
    if (!this.#trains) return null;
    const parameters = new Float32Array(elementsOf(this.#engine));
    await this.#engine.readParameters(parameters);
    return { parameters, optimizer: await this.#engine.snapshotOptimizer(), progress: this.progress };
  }

  async restore(image: LocalImage): Promise<void> {
    await this.#engine.load(image.parameters);
    await this.#engine.restoreOptimizer(image.optimizer);
    this.progress = image.progress;
  }

  async move(parameters: Float32Array): Promise<void> {
    await this.#engine.writeParameters(parameters);
  }

  async restart(parameters: Float32Array): Promise<void> {
    await this.#engine.load(parameters);
    this.progress = { ...this.progress, sinceReset: 0 };
  }
}
