/**
 * The contract of every training engine. A caller sees one flat vector of parameters in the order of
 * `parameterLayout`; tensors, kernels and memory never leave the engine. Calls on one engine run one at
 * a time: await each before the next. What a call returns has been computed when its promise resolves. Copies of whole
 * vectors leave the event loop to others in between.
 */
import type { ModelConfig, ParameterTensor } from '../../../src-shared/model/layout.ts';

/** A target with this value takes no part in the loss (padding of a short sequence). */
export const IGNORED_TARGET = 0xffff;

/** What an engine on this machine is and can do, as plain values for logs, the page and the planner. */
export type EngineCapabilities = {
  readonly id: 'reference' | 'cpu' | 'gpu';
  /** One line for people, e.g. `WASM SIMD, 2 threads`. */
  readonly description: string;
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
  /** Most sequences in one micro-batch; memory is planned for it. */
  readonly maxSequences: number;
  readonly signal?: AbortSignal;
};

export type MicroStepOptions = {
  /** False starts a new sum of gradients, true adds to the one of the micro-steps before. */
  readonly accumulate: boolean;
  /** Gradients are scaled by 1/microBatches, so that k calls leave the gradient of the mean loss. */
  readonly microBatches: number;
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
};

/** First and second moments of AdamW and the steps they have seen. */
export type OptimizerState = {
  readonly step: number;
  readonly m: Float32Array;
  readonly v: Float32Array;
};

export interface Engine {
  readonly config: ModelConfig;
  readonly layout: readonly ParameterTensor[];
  readonly capabilities: EngineCapabilities;

  /** Sets all parameters, zeroes moments and gradients and sets the step count to 0. */
  load(flat: Float32Array): Promise<void>;

  /**
   * Forward and backward over `ids` and `targets`, both of sequences * context elements, row by row.
   * `loss` is the mean cross-entropy in nats over the targets that are not `IGNORED_TARGET`.
   */
  microStep(ids: Uint16Array, targets: Uint16Array, options: MicroStepOptions): Promise<{ loss: number }>;

  /** L2 norm of the gradient held now; not finite when the gradient is not. */
  gradNorm(): Promise<number>;

  /** One step of AdamW with decoupled weight decay and clipping by the global norm. */
  optimizerStep(settings: AdamWSettings): Promise<OptimizerStepResult>;

  /** Mean loss without gradients; same shapes as `microStep`. The gradient held stays. */
  evalLoss(ids: Uint16Array, targets: Uint16Array): Promise<number>;

  /** Copies parameters from `offset` on until `into` is full. */
  readParameters(into: Float32Array, offset?: number): Promise<void>;
  /** Overwrites parameters from `offset` on; moments and step count stay. */
  writeParameters(from: Float32Array, offset?: number): Promise<void>;
  readGradient(into: Float32Array, offset?: number): Promise<void>;
  /** parameters += delta, e.g. new base - old base after a committed round. */
  addToParameters(delta: Float32Array, offset?: number): Promise<void>;

  snapshotOptimizer(): Promise<OptimizerState>;
  restoreOptimizer(state: OptimizerState): Promise<void>;
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
