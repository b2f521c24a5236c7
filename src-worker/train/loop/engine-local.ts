import { parameterCount } from '../../../src-shared/model/layout.ts';
import type { Engine, EngineVector } from '../engine/engine.ts';
import { noProgress, type Progress } from '../state/progress.ts';
import type { LocalSide } from '../state/replica.ts';
import { type LocalImage, windowsOfAll } from '../state/snapshot.ts';
import { type VectorSource, windowsOf } from '../vector-source.ts';

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

  weights(): VectorSource | null {
    return this.#trains ? this.#vector('parameters') : null;
  }

  image(parameters: VectorSource = this.#vector('parameters')): LocalImage | null {
    if (!this.#trains) return null;
    const sources = { parameters, m: this.#vector('m'), v: this.#vector('v') };
    const windows = () => windowsOfAll(sources, this.#elements);
    const lossScale = async () => (await this.#engine.lossScaling?.read()) ?? null;
    return { progress: this.progress, optimizerStep: this.#engine.steps, lossScale, windows };
  }

  async restore(image: LocalImage): Promise<void> {
    for await (const { vector, offset, values } of image.windows())
      await this.#engine.write(vector, values, offset);
    this.#engine.setSteps(image.optimizerStep);
    this.#engine.lossScaling?.write(await image.lossScale());
    this.progress = image.progress;
  }

  async move(parameters: VectorSource): Promise<void> {
    for await (const { offset, values } of windowsOf(parameters, this.#elements))
      await this.#engine.write('parameters', values, offset);
  }

  async restart(parameters: VectorSource): Promise<void> {
    await this.move(parameters);
    await this.#engine.zeroMoments();
    this.progress = { ...this.progress, sinceReset: 0 };
  }

  get #elements(): number {
    return parameterCount(this.#engine.config);
  }

  #vector(vector: Exclude<EngineVector, 'gradient'>): VectorSource {
    return { read: (into, offset) => this.#engine.read(vector, into, offset) };
  }
}
