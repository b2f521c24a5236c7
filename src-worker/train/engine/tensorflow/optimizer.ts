import { setImmediate } from 'node:timers/promises';
import type { AdamWSettings } from '../engine.ts';
import type { PieceVector } from './piece-vector.ts';
import type { Piece } from './pieces.ts';
import type { Tfjs } from './tfjs.ts';

/** What a step changes, and what it goes by. */
export interface Moments {
  readonly parameters: PieceVector;
  readonly gradient: PieceVector;
  readonly m: PieceVector;
  readonly v: PieceVector;
}

/** L2 norm of a vector: rows are summed where they lie, in float32, and their sums here in float64. */
export async function norm(tf: Tfjs, pieces: readonly Piece[], vector: PieceVector): Promise<number> {
  let sum = 0;
  for (const index of pieces.keys()) {
    const rows = tf.tidy(() => tf.sum(tf.square(vector.at(index)), -1));
    for (const row of await rows.data()) sum += row;
    rows.dispose();
    await setImmediate();
  }
  return Math.sqrt(sum);
}

/**
 * AdamW (Loshchilov and Hutter): moments of the gradient times `scale`, both corrected for their start at zero, and the
 * decay applied to the weights themselves.
 * @param step of the moments, counted from 1
 */
export async function adamw(
  tf: Tfjs,
  pieces: readonly Piece[],
  { parameters, gradient, m, v }: Moments,
  { lr, beta1, beta2, eps, weightDecay, scale, step }: AdamWSettings & { scale: number; step: number },
): Promise<void> {
  const rate = lr / (1 - beta1 ** step);
  const vScale = 1 / (1 - beta2 ** step);
  for (const [index, { decay }] of pieces.entries()) {
    const g = gradient.at(index);
    const [m0, v0, p] = [m.at(index), v.at(index), parameters.at(index)];
    m.replace(
      index,
      tf.tidy(() => tf.add(tf.mul(m0, beta1), tf.mul(g, (1 - beta1) * scale))),
    );
    v.replace(
      index,
      tf.tidy(() => tf.add(tf.mul(v0, beta2), tf.mul(tf.square(g), (1 - beta2) * scale ** 2))),
    );
    const keep = decay ? 1 - lr * weightDecay : 1;
    parameters.replace(
      index,
      tf.tidy(() => {
        const root = tf.sqrt(tf.mul(v.at(index), vScale));
        return tf.sub(tf.mul(p, keep), tf.div(tf.mul(m.at(index), rate), tf.add(root, eps)));
      }),
    );
    await setImmediate();
  }
}
