import { type ModelConfig, parameterCount, parameterLayout } from '../../../../src-shared/model/layout.ts';
import { Slices } from '../../slices.ts';
import { type VectorSource, windowsOf } from '../../vector-source.ts';
import type {
  AdamWSettings,
  Batch,
  Engine,
  EngineCapabilities,
  EngineOptions,
  EngineVector,
  Gradient,
  GradientOptions,
  OptimizerStepResult,
} from '../engine.ts';
import { checkBatch, checkConfig, checkWindow, EngineMisuse } from '../limits.ts';
import { type Stretch, stretchOf } from './legs.ts';
import { adamw, type Ground, norm } from './optimizer.ts';
import { Passes } from './passes.ts';
import { PieceVector } from './piece-vector.ts';
import { blocksOf, piecesOf, type Window } from './pieces.ts';
import { Sketching } from './sketching.ts';
import type { LoadedTfjs } from './tfjs.ts';
import { Turn } from './turn.ts';

export type TensorFlowEngineOptions = Pick<EngineOptions, 'maxSequences' | 'throttle' | 'signal'> & {
  readonly slices?: Slices;
  /** How much is handed over in one go; default: what takes a tenth of a second. */
  readonly stretch?: Stretch;
};

export const capabilitiesOf = ({ name, threads, isOnCard }: LoadedTfjs): EngineCapabilities => ({
  id: 'tensorflow',
  description: [name, isOnCard ? 'graphics card' : `${threads} ${threads === 1 ? 'thread' : 'threads'}`].join(
    ', ',
  ),
  precision: 'f32',
  threads,
  isDeterministic: !isOnCard,
  maxParameters: 2_000_000_000,
});

/** @throws {AppError} ENGINE_UNAVAILABLE when the kernels that sum sketches cannot be had */
export async function createTensorFlowEngine(
  loaded: LoadedTfjs,
  config: ModelConfig,
  options: TensorFlowEngineOptions,
): Promise<Engine> {
  checkConfig(config, capabilitiesOf(loaded));
  const sketching = await Sketching.open(parameterLayout(config));
  return new TensorFlowEngine(loaded, config, { ...options, sketching });
}

/** The engine on TensorFlow: a vector is one tensor a layer's weight, and a step's gradient comes from its own tape. */
class TensorFlowEngine implements Engine {
  readonly config: ModelConfig;
  readonly layout: Engine['layout'];
  readonly capabilities: EngineCapabilities;
  /** TensorFlow takes memory as it goes. */
  readonly plan = null;
  readonly #ground: Ground;
  readonly #maxSequences: number;
  readonly #vectors: Readonly<Record<EngineVector | 'base', PieceVector>>;
  readonly #passes: Passes;
  readonly #sketching: Sketching;
  readonly #count: number;
  /** Whose copy lies beside the parameters. */
  #base: WeakRef<VectorSource> | null = null;
  #isAtBase = false;
  #steps = 0;

  constructor(
    loaded: LoadedTfjs,
    config: ModelConfig,
    {
      maxSequences,
      slices,
      stretch,
      throttle,
      signal,
      sketching,
    }: TensorFlowEngineOptions & { readonly sketching: Sketching },
  ) {
    const { tf } = loaded;
    this.config = config;
    this.layout = parameterLayout(config);
    this.capabilities = capabilitiesOf(loaded);
    this.#maxSequences = maxSequences;
    const pieces = piecesOf(config);
    const turn = new Turn(loaded, throttle, signal);
    const blocks = blocksOf(pieces);
    this.#ground = { tf, turn, pieces, blocks };
    const own = slices ?? new Slices();
    const vector = (windows: readonly Window[]) => new PieceVector(tf, windows, own);
    this.#vectors = {
      parameters: vector(pieces),
      gradient: vector(pieces),
      base: vector(pieces),
      m: vector(blocks),
      v: vector(blocks),
    };
    this.#passes = new Passes(tf, config, { pieces, stretch: stretch ?? stretchOf(loaded), turn });
    this.#sketching = sketching;
    this.#count = parameterCount(config);
  }

  get steps(): number {
    return this.#steps;
  }

  setSteps(steps: number): void {
    this.#steps = steps;
  }

  async load(flat: Float32Array): Promise<void> {
    checkWindow(flat.length, 0, this.#count, { whole: true });
    await this.#vectors.parameters.write(flat, 0);
    this.#vectors.gradient.clear();
    await this.zeroMoments();
  }

  async gradient(batches: readonly Batch[], { sketchSeed, signal }: GradientOptions = {}): Promise<Gradient> {
    this.#check(batches);
    return this.#ground.turn.until(signal, () => this.#gradient(batches, sketchSeed));
  }

  async #gradient(batches: readonly Batch[], sketchSeed: Uint8Array | undefined): Promise<Gradient> {
    const sketches: number[][] = [];
    let loss = 0;
    for (const batch of sketchSeed ? batches : []) {
      this.#vectors.gradient.clear();
      loss = await this.#microStep(batch, 1);
      sketches.push(await this.#sketching.take(this.#vectors.gradient, sketchSeed!));
    }
    // The gradient of a batch that is alone stands there already.
    if (sketches.length === 1) return { loss, sketches };
    this.#vectors.gradient.clear();
    let sum = 0;
    for (const batch of batches) sum += await this.#microStep(batch, 1 / batches.length);
    return { loss: sum / batches.length, sketches };
  }

  async losses(batches: readonly Batch[]): Promise<readonly number[]> {
    this.#check(batches);
    const losses: number[] = [];
    for (const batch of batches) losses.push(await this.#passes.run(batch, this.#weights()));
    return losses;
  }

  gradNorm(): Promise<number> {
    return norm(this.#ground, this.#vectors.gradient);
  }

  async optimizerStep(settings: AdamWSettings): Promise<OptimizerStepResult> {
    this.#checkAtParameters();
    const gradNorm = await this.gradNorm();
    if (!Number.isFinite(gradNorm)) return { gradNorm, applied: false };
    const { clip } = settings;
    const scale = clip > 0 && gradNorm > clip ? clip / gradNorm : 1;
    const step = this.#steps + 1;
    await adamw(this.#ground, this.#vectors, { ...settings, scale, step });
    this.#steps = step;
    return { gradNorm, applied: true };
  }

  async atBase<T>(base: VectorSource, work: () => Promise<T>): Promise<T> {
    this.#checkAtParameters();
    if (this.#base?.deref() !== base) {
      this.#base = null;
      for await (const { offset, values } of windowsOf(base, this.#count))
        await this.#vectors.base.write(values, offset);
      this.#base = new WeakRef(base);
    }
    this.#isAtBase = true;
    try {
      return await work();
    } finally {
      this.#isAtBase = false;
    }
  }

  async read(vector: EngineVector, into: Float32Array, offset = 0): Promise<void> {
    checkWindow(into.length, offset, this.#count);
    await this.#vectors[vector].read(into, offset);
  }

  async write(vector: Exclude<EngineVector, 'gradient'>, from: Float32Array, offset = 0): Promise<void> {
    checkWindow(from.length, offset, this.#count);
    await this.#vectors[vector].write(from, offset);
  }

  async zeroMoments(): Promise<void> {
    this.#vectors.m.clear();
    this.#vectors.v.clear();
    this.#steps = 0;
  }

  async dispose(): Promise<void> {
    for (const vector of Object.values(this.#vectors)) vector.clear();
    this.#passes.dispose();
  }

  #weights(): PieceVector {
    return this.#isAtBase ? this.#vectors.base : this.#vectors.parameters;
  }

  /** Adds a micro-batch's gradient times `scale` to the one held. @returns its mean loss */
  #microStep(batch: Batch, scale: number): Promise<number> {
    return this.#passes.run(batch, this.#weights(), { gradient: this.#vectors.gradient, scale });
  }

  #check(batches: readonly Batch[]): void {
    for (const { ids, targets } of batches) checkBatch(ids, targets, this.config, this.#maxSequences);
  }

  #checkAtParameters(): void {
    if (this.#isAtBase) throw new EngineMisuse('not while the base is worked at');
  }
}
