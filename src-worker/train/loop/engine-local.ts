import { parameterCount } from '../../../src-shared/model/layout.ts';
import type { Engine } from '../engine/engine.ts';
import { noProgress, type Progress } from '../state/progress.ts';
import type { LocalSide } from '../state/replica.ts';
import {
  LOCAL_VECTORS,
  type LocalImage,
  type LocalWindow,
  WINDOW_ELEMENTS,
  windowsOver,
} from '../state/snapshot.ts';

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

  async weights(): Promise<Float32Array | null> {
    if (!this.#trains) return null;
    const parameters = new Float32Array(parameterCount(this.#engine.config));
    await this.#engine.read('parameters', parameters);
    return parameters;
  }

  image(parameters?: Float32Array): LocalImage | null {
    if (!this.#trains) return null;
    const { progress } = this;
    return { progress, optimizerStep: this.#engine.steps, windows: () => this.#windows(parameters) };
  }

  async restore(image: LocalImage): Promise<void> {
    for await (const { vector, offset, values } of image.windows())
      await this.#engine.write(vector, values, offset);
    this.#engine.setSteps(image.optimizerStep);
    this.progress = image.progress;
  }

  async move(parameters: Float32Array): Promise<void> {
    await this.#engine.write('parameters', parameters);
  }

  async restart(parameters: Float32Array): Promise<void> {
    await this.#engine.load(parameters);
    this.progress = { ...this.progress, sinceReset: 0 };
  }

  async *#windows(parameters?: Float32Array): AsyncGenerator<LocalWindow> {
    const elements = parameterCount(this.#engine.config);
    const window = new Float32Array(Math.min(WINDOW_ELEMENTS, elements));
    for (const vector of LOCAL_VECTORS)
      for (const { offset, length } of windowsOver(elements)) {
        const isGiven = vector === 'parameters' && parameters;
        const values = isGiven ? parameters.subarray(offset, offset + length) : window.subarray(0, length);
        if (!isGiven) await this.#engine.read(vector, values, offset);
        yield { vector, offset, values };
      }
  }
}
