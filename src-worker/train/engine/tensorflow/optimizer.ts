import type { AdamWSettings } from '../engine.ts';
import type { PieceVector } from './piece-vector.ts';
import type { Piece } from './pieces.ts';
import type { Tfjs } from './tfjs.ts';
import type { Turn } from './turn.ts';

/** What both work with. */
export interface Ground {
  readonly tf: Tfjs;
  readonly turn: Turn;
  readonly pieces: readonly Piece[];
}

/** What a step changes, and what it goes by. */
export interface Moments {
  readonly parameters: PieceVector;
  readonly gradient: PieceVector;
  readonly m: PieceVector;
  readonly v: PieceVector;
}

/** L2 norm of a vector: rows are summed where they lie, in float32, and their sums here in float64. */
export async function norm({ tf, turn, pieces }: Ground, vector: PieceVector): Promise<number> {
  let sum = 0;
  for (const index of pieces.keys()) {
    const piece = vector.at(index);
    const rows = await turn.take(() => tf.sum(tf.square(piece), -1));
    for (const row of await rows.data()) sum += row;
    rows.dispose();
  }
  return Math.sqrt(sum);
}

/**
 * AdamW (Loshchilov and Hutter): moments of the gradient times `scale`, both corrected for their start at zero, and the
 * decay applied to the weights themselves.
 * @param step of the moments, counted from 1
 */
export async function adamw(
  { tf, turn, pieces }: Ground,
  { parameters, gradient, m, v }: Moments,
  { lr, beta1, beta2, eps, weightDecay, scale, step }: AdamWSettings & { scale: number; step: number },
): Promise<void> {
  const rate = lr / (1 - beta1 ** step);
  const vScale = 1 / (1 - beta2 ** step);
  for (const [index, { decay }] of pieces.entries()) {
    const keep = decay ? 1 - lr * weightDecay : 1;
    const [p, g, m0, v0] = [parameters.at(index), gradient.at(index), m.at(index), v.at(index)];
    const m1 = await turn.take(() => tf.add(tf.mul(m0, beta1), tf.mul(g, (1 - beta1) * scale)));
    m.replace(index, m1);
    const v1 = await turn.take(() =>
      tf.add(tf.mul(v0, beta2), tf.mul(tf.square(g), (1 - beta2) * scale ** 2)),
    );
    v.replace(index, v1);
    const next = await turn.take(() =>
      tf.sub(tf.mul(p, keep), tf.div(tf.mul(m1, rate), tf.add(tf.sqrt(tf.mul(v1, vScale)), eps))),
    );
    parameters.replace(index, next);
  }
}
