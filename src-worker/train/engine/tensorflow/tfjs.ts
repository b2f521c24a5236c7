/**
 * TensorFlow.js as this engine uses it: the operations of its core, on whichever backend is set. The package itself is
 * no part of Butterfly; only these types are.
 */
export type Tfjs = typeof import('@tensorflow/tfjs-core');
export type {
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorContainer,
} from '@tensorflow/tfjs-core';

/** What was loaded, and what it computes with. */
export interface LoadedTfjs {
  readonly tf: Tfjs;
  /** One line for people, e.g. `TensorFlow 2.15.0`. */
  readonly name: string;
  readonly threads: number;
  /** On a card, sums of an embedding's gradient are added in no fixed order. */
  readonly isOnCard: boolean;
}
