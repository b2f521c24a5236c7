import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tfjs } from './tfjs.ts';

const NORM_EPS = 1e-5;
const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;
/** What a key of the future is given: its weight is zero in float32 whatever its score. */
const MASKED = -1e9;

/** The model in TensorFlow's operations, in parts that each take their own weights. Rows are the tokens of whole sequences. */
export interface Model {
  /** ids [rows] to the residual stream [rows, width]. */
  embed(ids: Tensor1D, wte: Tensor, wpe: Tensor): Tensor2D;
  /** The residual stream after attention. Weights: ln1w, ln1b, qkvw, qkvb, attprojw, attprojb. */
  attention(x: Tensor, weights: readonly Tensor[]): Tensor2D;
  /**
   * Attention in three, for sequences that are too long to be worked in one go. Between them each head has its own part of
   * the residual stream beside its own numbers. This is [rows, width] to [rows, heads, 4 size]: stream, query, key, value.
   * Weights: ln1w, ln1b, qkvw, qkvb. Rows stand alone.
   */
  ask(x: Tensor, weights: readonly Tensor[]): Tensor3D;
  /** [rows, any heads, 4 size] to [rows, those heads, 2 size]: stream, and what was mixed. Heads stand alone. */
  mix(apart: Tensor): Tensor3D;
  /** [rows, heads, 2 size] to the residual stream after attention. Weights: attprojw, attprojb. Rows stand alone. */
  join(apart: Tensor, weights: readonly Tensor[]): Tensor2D;
  /** The residual stream after the wide layer. Weights: ln2w, ln2b, fcw, fcb, fcprojw, fcprojb. Rows stand alone. */
  wide(x: Tensor, weights: readonly Tensor[]): Tensor2D;
  /**
   * Sum over rows of cross-entropy, in nats, times the row's share [rows, 1]. Weights: lnfw, lnfb, wte. Rows stand alone.
   */
  head(x: Tensor2D, answers: Answers, weights: readonly Tensor[]): Scalar;
  dispose(): void;
}

export interface Answers {
  /** [rows]; any token where the share is zero. */
  readonly targets: Tensor1D;
  /** [rows, 1] */
  readonly shares: Tensor2D;
}

export function createModel(tf: Tfjs, { width, heads, context }: ModelConfig): Model {
  const size = width / heads;
  const { gelu, logSumExp, layerNorm } = ownGradients(tf);
  const causal = tf.tensor2d(
    Float32Array.from({ length: context * context }, (_, i) =>
      i % context > Math.floor(i / context) ? MASKED : 0,
    ),
    [context, context],
  );

  /** x[rows, inputs] W^T + b, W as it is stored: [outputs, inputs]. */
  const linear = (x: Tensor2D, w: Tensor, b: Tensor): Tensor2D =>
    tf.add(tf.matMul(x, w as Tensor2D, false, true), b);

  /** Of each head of each sequence: [any, context, size] all. */
  function attend(q: Tensor3D, k: Tensor3D, v: Tensor3D): Tensor3D {
    const scores: Tensor3D = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size)), causal);
    return tf.matMul(tf.softmax(scores), v);
  }

  /** qkv[rows, 3 width] to [rows, width]. */
  function mixed(qkv: Tensor2D): Tensor2D {
    const sequences = qkv.shape[0] / context;
    const [q, k, v] = tf.split(qkv, 3, 1).map((part) => {
      const apart: Tensor4D = tf.reshape(part, [sequences, context, heads, size]);
      return tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [sequences * heads, context, size]);
    }) as [Tensor3D, Tensor3D, Tensor3D];
    const apart: Tensor4D = tf.reshape(attend(q, k, v), [sequences, heads, context, size]);
    return tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [sequences * context, width]);
  }

  return {
    embed(ids, wte, wpe) {
      const tokens: Tensor3D = tf.reshape(tf.gather(wte, ids), [-1, context, width]);
      return tf.reshape(tf.add(tokens, wpe), [-1, width]);
    },
    attention: (x, [ln1w, ln1b, qkvw, qkvb, attprojw, attprojb]) =>
      tf.add(x, linear(mixed(linear(layerNorm(x, ln1w!, ln1b!), qkvw!, qkvb!)), attprojw!, attprojb!)),
    ask(x, [ln1w, ln1b, qkvw, qkvb]) {
      const all = tf.concat([x as Tensor2D, linear(layerNorm(x, ln1w!, ln1b!), qkvw!, qkvb!)], 1);
      const byHead = tf.transpose(tf.reshape(all, [-1, 4, heads, size]), [0, 2, 1, 3]);
      return tf.reshape(byHead, [-1, heads, 4 * size]);
    },
    mix(apart) {
      const [rows, some] = apart.shape as [number, number, number];
      const sequences = rows / context;
      const turned = tf.transpose(tf.reshape(apart, [sequences, context, some, 4 * size]), [0, 2, 1, 3]);
      const [x, q, k, v] = tf.split(tf.reshape(turned, [-1, context, 4 * size]), 4, 2) as Tensor3D[];
      const both: Tensor3D = tf.concat([x!, attend(q!, k!, v!)], 2);
      const back = tf.transpose(tf.reshape(both, [sequences, some, context, 2 * size]), [0, 2, 1, 3]);
      return tf.reshape(back, [rows, some, 2 * size]);
    },
    join(apart, [attprojw, attprojb]) {
      const [x, mixed] = tf.split(apart as Tensor3D, 2, 2).map((part) => tf.reshape(part, [-1, width])) as [
        Tensor2D,
        Tensor2D,
      ];
      return tf.add(x, linear(mixed, attprojw!, attprojb!));
    },
    wide: (x, [ln2w, ln2b, fcw, fcb, fcprojw, fcprojb]) =>
      tf.add(x, linear(gelu(linear(layerNorm(x, ln2w!, ln2b!), fcw!, fcb!)), fcprojw!, fcprojb!)),
    head(x, { targets, shares }, [lnfw, lnfb, wte]) {
      const final = layerNorm(x, lnfw!, lnfb!);
      const sums = logSumExp(tf.matMul(final, wte as Tensor2D, false, true));
      // The target's own logit from its row of the embedding: no matrix of ones and zeros as wide as the vocabulary.
      const own = tf.sum(tf.mul(final, tf.gather(wte!, targets)), 1, true);
      return tf.sum(tf.mul(tf.sub(sums, own), shares));
    },
    dispose: () => causal.dispose(),
  };
}

type Save = (tensors: Tensor[]) => void;
type Unary = (x: Tensor2D) => Tensor2D;

interface OwnGradients {
  readonly gelu: Unary;
  /** [rows, columns] to [rows, 1]. */
  readonly logSumExp: Unary;
  layerNorm(x: Tensor, gain: Tensor, bias: Tensor): Tensor2D;
}

/** Functions whose gradients tfjs would put together from many more operations, and from maxima. */
function ownGradients(tf: Tfjs): OwnGradients {
  const curve = (x: Tensor): Tensor =>
    tf.tanh(tf.mul(ROOT, tf.add(x, tf.mul(CUBIC, tf.mul(x, tf.square(x))))));

  /** tanh-GELU: x/2 (1 + t), t = tanh(root (x + cubic x^3)). */
  const gelu = tf.customGrad((input, save) => {
    const x = input as Tensor;
    (save as Save)([x]);
    const half = (of: Tensor) => tf.mul(0.5, tf.add(1, curve(of)));
    return {
      value: tf.mul(x, half(x)),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [of] = saved as [Tensor];
        const slope = tf.mul(ROOT, tf.add(1, tf.mul(3 * CUBIC, tf.square(of))));
        const bend = tf.mul(tf.sub(1, tf.square(curve(of))), slope);
        return tf.mul(dy, tf.add(half(of), tf.mul(tf.mul(0.5, of), bend)));
      },
    };
  });

  /** Its gradient is the softmax. */
  const logSumExp = tf.customGrad((input, save) => {
    const logits = input as Tensor;
    const value = tf.logSumExp(logits, 1, true);
    (save as Save)([logits, value]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [of, sums] = saved as [Tensor, Tensor];
        return tf.mul(dy, tf.exp(tf.sub(of, sums)));
      },
    };
  });

  /** y = gain n + bias, n = (x - mean) / deviation: the way back takes out of d = gain dy what moves mean and deviation. */
  const layerNorm = tf.customGrad((...given) => {
    const [x, gain, bias, save] = given as unknown as [Tensor, Tensor, Tensor, Save];
    const centred = tf.sub(x, tf.mean(x, 1, true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), NORM_EPS));
    const normed = tf.mul(centred, scale);
    save([normed, scale, gain]);
    return {
      value: tf.add(tf.mul(normed, gain), bias),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [n, byDeviation, of] = saved as [Tensor, Tensor, Tensor];
        const d = tf.mul(dy, of);
        const along = tf.mul(n, tf.mean(tf.mul(d, n), 1, true));
        const dx = tf.mul(byDeviation, tf.sub(tf.sub(d, tf.mean(d, 1, true)), along));
        return [dx, tf.sum(tf.mul(dy, n), 0), tf.sum(dy, 0)];
      },
    };
  });
  return {
    gelu: gelu as Unary,
    logSumExp: logSumExp as Unary,
    layerNorm: layerNorm as OwnGradients['layerNorm'],
  };
}
