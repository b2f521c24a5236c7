/**
 * The contract of every training engine. A caller sees one flat vector of parameters in the order of
 * `parameterLayout`; tensors, kernels and memory never leave the engine. Calls on one engine run one at
 * a time: await each before the next. What a call returns has been computed when its promise resolves. Copies of whole
 * vectors leave the event loop to others in between.
 */
import type { AdapterBackend } from '../../../src-shared/cards/adapter.ts';
import type { MemoryPlan } from '../../../src-shared/contract/memory-plan.ts';
import type { EngineKind } from '../../../src-shared/contract/train.ts';
import type { ModelConfig, ParameterTensor } from '../../../src-shared/model/layout.ts';
import type { VectorSource } from '../vector-source.ts';
import type { Throttle } from './throttle.ts';

/** A target with this value takes no part in the loss (padding of a short sequence). */
export const IGNORED_TARGET = 0xffff;

/** Targets that take part in the loss. */
export const countTargets = (targets: Uint16Array): number =>
  targets.reduce((count, target) => count + (target === IGNORED_TARGET ? 0 : 1), 0);

/** What an engine on this machine is and can do, as plain values for logs, the page and the planner. */
export type EngineCapabilities = {
  readonly id: EngineKind;
  /** One line for people, e.g. `processor, 2 threads, wide vectors`. */
  readonly description: string;
  /** The driver interface by which a card is reached, where it is one. */
  readonly backend?: AdapterBackend;
  readonly precision: 'f64' | 'f32' | 'f16';
  readonly threads: number;
  /** Two runs from one state on this machine agree bit for bit. */
  readonly isDeterministic: boolean;
  /** The largest flat vector that `create` takes, in elements. */
  readonly maxParameters: number;
};

export type EngineOptions = {
  /** CPU threads; 1 keeps everything on few cores. Default 1. */
  readonly threads?: number;
  /** Most sequences in one micro-batch; memory is planned for it, and may hold fewer at a time. */
  readonly maxSequences: number;
  /** Default: all of its time. */
  readonly throttle?: Throttle;
  readonly signal?: AbortSignal;
};

/** Inputs and targets of a micro-batch, row by row; targets are the inputs one token later. */
export type Batch = { readonly ids: Uint16Array; readonly targets: Uint16Array };

/** A micro-batch in parts of at most `sequences`, for an engine whose memory does not hold the activations of all. */
export function passesOf({ ids, targets }: Batch, sequences: number, { context }: ModelConfig): Batch[] {
  const size = sequences * context;
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, i) => ({
    ids: ids.subarray(i * size, (i + 1) * size),
    targets: targets.subarray(i * size, (i + 1) * size),
  }));
}

export type GradientOptions = {
  /** Asks for the sketches, which take a gradient of each micro-batch alone. */
  readonly sketchSeed?: Uint8Array;
  readonly signal?: AbortSignal;
};

/** Mean cross-entropy in nats over all micro-batches, each weighing the same. */
export type Gradient = {
  readonly loss: number;
  /** One for each micro-batch where they were asked for, of that micro-batch's own gradient: see `sketch.ts`. */
  readonly sketches: number[][];
};

export type AdamWSettings = {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Largest L2 norm of the whole gradient; a greater one is scaled down. 0 turns clipping off. */
  readonly clip: number;
};

export type OptimizerStepResult = {
  /** L2 norm before clipping. */
  readonly gradNorm: number;
  /** False when the gradient was not finite: parameters, moments and step count then stay as they were. */
  readonly applied: boolean;
  /** What gradients are scaled by on their way back from now on, where that is of float16. */
  readonly lossScale?: number;
};

/** What gradients are scaled by on their way back, and for how many applied steps in a row it has fitted. */
export interface LossScale {
  readonly scale: number;
  readonly fittedSteps: number;
}

/** The loss scale of an engine that has one: what comes of a step depends on it, so it is kept with the moments. */
export interface LossScaling {
  read(): Promise<LossScale>;
  /** Before whatever is computed next. @param scale null, or one that no engine comes to: as at the start */
  write(scale: LossScale | null): void;
}

/** What an engine holds one number of for each parameter. */
export type EngineVector = 'parameters' | 'm' | 'v' | 'gradient';

export interface Engine {
  readonly config: ModelConfig;
  readonly layout: readonly ParameterTensor[];
  readonly capabilities: EngineCapabilities;
  /** Where its memory goes; null for one that does not count it. */
  readonly plan: MemoryPlan | null;
  /** Steps that the moments have seen. */
  readonly steps: number;
  /** null where gradients flow unscaled. */
  readonly lossScaling?: LossScaling | null;

  /** Sets all parameters, zeroes moments and gradients and sets the step count to 0. */
  load(flat: Float32Array): Promise<void>;

  /**
   * Forward and backward over each micro-batch; the engine then holds the gradient of their mean loss. Each is of whole
   * sequences, at most `maxSequences`, and its loss the mean over the targets that are not `IGNORED_TARGET`. They are
   * queued one behind the other: nobody waits in between.
   * @throws the signal's reason when it aborts, between two slices of the work or two micro-batches as the engine can;
   * what is held as the gradient is of no use then, and everything else is as it was
   */
  gradient(batches: readonly Batch[], options?: GradientOptions): Promise<Gradient>;

  /** L2 norm of the gradient held now; not finite when the gradient is not. */
  gradNorm(): Promise<number>;

  /** One step of AdamW with decoupled weight decay and clipping by the global norm. */
  optimizerStep(settings: AdamWSettings): Promise<OptimizerStepResult>;

  /** Mean loss of each micro-batch, without gradients; shapes as for `gradient`. The gradient held stays. */
  losses(batches: readonly Batch[]): Promise<readonly number[]>;

  /**
   * `gradient` and `losses` that `work` asks for are taken at `base`, which lies beside the parameters: these are not
   * touched and cannot be stepped meanwhile. The same source as before is not copied again, so sources of a base are
   * replaced and what they give never changes.
   */
  atBase<T>(base: VectorSource, work: () => Promise<T>): Promise<T>;

  /** Copies a vector's elements from `offset` on until `into` is full. */
  read(vector: EngineVector, into: Float32Array, offset?: number): Promise<void>;
  /** Overwrites elements from `offset` on; what is not written stays. */
  write(vector: Exclude<EngineVector, 'gradient'>, from: Float32Array, offset?: number): Promise<void>;
  /** After moments were written. */
  setSteps(steps: number): void;
  /** Zeroes both moments and the step count. */
  zeroMoments(): Promise<void>;

  /** Ends threads and gives memory back. Calls after it are errors. */
  dispose(): Promise<void>;
}

/** A kind of engine, before one is built. */
export interface EngineBackend {
  /** What this machine offers, or why it offers nothing. Never throws for a lacking machine. */
  probe(): Promise<
    { available: true; capabilities: EngineCapabilities } | { available: false; reason: string }
  >;
  create(config: ModelConfig, options: EngineOptions): Promise<Engine>;
}
