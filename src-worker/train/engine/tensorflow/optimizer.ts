import type { AdamWSettings } from '../engine.ts';
import type { PieceVector } from './piece-vector.ts';
import type { Block, Piece } from './pieces.ts';
import type { Tensor, Tfjs } from './tfjs.ts';
import type { Turn } from './turn.ts';

/** What both work with. */
export interface Ground {
  readonly tf: Tfjs;
  readonly turn: Turn;
  readonly pieces: readonly Piece[];
  readonly blocks: readonly Block[];
}

/** What a step changes, and what it goes by. Moments lie in blocks, which nobody but the optimiser looks into. */
export interface Moments {
  readonly parameters: PieceVector;
  readonly gradient: PieceVector;
  readonly m: PieceVector;
  readonly v: PieceVector;
}

/** L2 norm of a vector in pieces: blocks are summed where they lie, in float32, and their sums here in float64. */
export async function norm({ tf, turn, blocks }: Ground, vector: PieceVector): Promise<number> {
  let sum = 0;
  for (const block of blocks) {
    const own = piecesIn(block, vector);
    const squares = await turn.take(() => tf.sum(tf.square(joined(tf, own))));
    sum += (await squares.data())[0]!;
    squares.dispose();
  }
  return Math.sqrt(sum);
}

/**
 * AdamW (Loshchilov and Hutter): moments of the gradient times `scale`, both corrected for their start at zero, and the
 * decay applied to the weights themselves.
 * @param step of the moments, counted from 1
 */
export async function adamw(
  { tf, turn, pieces, blocks }: Ground,
  { parameters, gradient, m, v }: Moments,
  { lr, beta1, beta2, eps, weightDecay, scale, step }: AdamWSettings & { scale: number; step: number },
): Promise<void> {
  const rate = lr / (1 - beta1 ** step);
  const vScale = 1 / (1 - beta2 ** step);
  for (const [index, block] of blocks.entries()) {
    const [p, g] = [piecesIn(block, parameters), piecesIn(block, gradient)];
    const [m0, v0] = [m.at(index), v.at(index)];
    const [m1, v1] = await turn.take(() => {
      const flat = joined(tf, g);
      return [
        tf.add(tf.mul(m0, beta1), tf.mul(flat, (1 - beta1) * scale)),
        tf.add(tf.mul(v0, beta2), tf.mul(tf.square(flat), (1 - beta2) * scale ** 2)),
      ] as [Tensor, Tensor];
    });
    m.replace(index, m1);
    v.replace(index, v1);
    const keep = block.decay ? 1 - lr * weightDecay : 1;
    const shapes = block.pieces.map((piece) => pieces[piece]!);
    const next = await turn.take(() => {
      const root = tf.add(tf.sqrt(tf.mul(v1, vScale)), eps);
      const flat = tf.sub(tf.mul(joined(tf, p), keep), tf.div(tf.mul(m1, rate), root));
      return apart(tf, flat, shapes);
    });
    for (const [at, piece] of block.pieces.entries()) parameters.replace(piece, next[at]!);
  }
}

const piecesIn = ({ pieces }: Block, vector: PieceVector): Tensor[] =>
  pieces.map((piece) => vector.at(piece));

/** Pieces one behind the other, [elements]. */
function joined(tf: Tfjs, pieces: readonly Tensor[]): Tensor {
  const flat = pieces.map((piece) => (piece.rank === 1 ? piece : tf.reshape(piece, [-1])));
  return flat.length === 1 ? flat[0]! : tf.concat(flat);
}

function apart(tf: Tfjs, flat: Tensor, pieces: readonly Piece[]): Tensor[] {
  const lengths = pieces.map(({ length }) => length);
  const parts = pieces.length === 1 ? [flat] : tf.split(flat, lengths);
  return parts.map((part, at) =>
    pieces[at]!.shape.length === 1 ? part : tf.reshape(part, [...pieces[at]!.shape]),
  );
}
