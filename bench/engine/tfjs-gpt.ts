import type { Rank, Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core';
import { type ModelConfig, type ParameterName, parameterLayout } from '../../src-shared/model/layout.ts';
import type { Core, Tfjs } from './tfjs-bundle.ts';

/**
 * `plain`: products as one writes them; their gradients ask for transposed operands, which the wasm backend
 * multiplies by a slow general kernel. `tuned`: gradients transpose first, so that every product of two
 * matrices reaches XNNPACK.
 */
export type TfjsVariant = 'plain' | 'tuned';

export type TfjsGpt = {
  /** One step of training on a micro-batch; the loss before it, in nats. */
  step(ids: Uint16Array, targets: Uint16Array): Promise<number>;
  dispose(): void;
};

/** The wasm backend has no kernel for the gradient of a gather: this one adds rows up on its heap. */
export function registerScatter(tf: Tfjs): void {
  if (tf.getKernel('UnsortedSegmentSum', 'wasm')) return;
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const wasm = backend as InstanceType<Tfjs['wasm']['BackendWasm']>;
      const { x, segmentIds } = inputs as { x: Tensor; segmentIds: Tensor };
      const rowSize = x.size / segmentIds.size;
      const out = wasm.makeOutput([attrs?.numSegments as number, rowSize], 'float32');
      const sums = wasm.typedArrayFromHeap(out);
      const rows = wasm.typedArrayFromHeap(x);
      sums.fill(0);
      wasm.typedArrayFromHeap(segmentIds).forEach((segment, row) => {
        for (let i = 0; i < rowSize; i++) sums[segment * rowSize + i]! += rows[row * rowSize + i]!;
      });
      return out;
    },
  });
}

type Weights = Record<ParameterName, Variable[]>;

/** The same GPT as the engine's in tfjs, with Adam (tfjs has no decoupled decay: the peer does less). */
export function createTfjsGpt(
  tf: Core,
  config: ModelConfig,
  flat: Float32Array,
  variant: TfjsVariant,
): TfjsGpt {
  const { layers, width, heads, context, vocab } = config;
  const size = width / heads;
  const weights = createWeights(tf, config, flat);
  const optimizer = tf.train.adam(1e-3, 0.9, 0.99, 1e-8);
  const causal = tf.tensor2d(
    Array.from({ length: context * context }, (_, i) => (i % context > Math.floor(i / context) ? -1e9 : 0)),
    [context, context],
  );

  const plainProduct = (a: Tensor2D, b: Tensor2D) => tf.matMul(a, b);
  const tunedProduct = tf.customGrad((a, b, save) => {
    (save as (tensors: Tensor[]) => void)([a as Tensor, b as Tensor]);
    return {
      value: tf.matMul(a as Tensor2D, b as Tensor2D),
      gradFunc: (dy: Tensor, saved: Tensor[]) => [
        tf.matMul(dy as Tensor2D, tf.transpose(saved[1] as Tensor2D)),
        tf.matMul(tf.transpose(saved[0] as Tensor2D), dy as Tensor2D),
      ],
    };
  }) as (a: Tensor2D, b: Tensor2D) => Tensor2D;
  const product = variant === 'tuned' ? tunedProduct : plainProduct;
  const linear = (x: Tensor2D, w: Variable, b: Variable) => tf.add(product(x, w as Tensor2D), b) as Tensor2D;

  function layerNorm(x: Tensor2D, gain: Variable, bias: Variable): Tensor2D {
    const centred = tf.sub(x, tf.mean(x, 1, true));
    const variance = tf.mean(tf.square(centred), 1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), gain), bias) as Tensor2D;
  }

  function gelu(x: Tensor2D): Tensor2D {
    const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))));
    return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner))) as Tensor2D;
  }

  function attention(qkv: Tensor2D, sequences: number): Tensor2D {
    const parts = tf.split(qkv, 3, 1).map((part) => {
      const apart = tf.transpose(tf.reshape(part, [sequences, context, heads, size]), [0, 2, 1, 3]);
      return tf.reshape(apart, [sequences * heads, context, size]) as Tensor3D;
    });
    const scores = tf.add(tf.mul(tf.matMul(parts[0]!, parts[1]!, false, true), 1 / Math.sqrt(size)), causal);
    const mixed = tf.matMul(tf.softmax(scores) as Tensor3D, parts[2]!);
    const together = tf.transpose(tf.reshape(mixed, [sequences, heads, context, size]), [0, 2, 1, 3]);
    return tf.reshape(together, [sequences * context, width]) as Tensor2D;
  }

  function loss(ids: Tensor1D, targets: Tensor1D): Scalar {
    const sequences = ids.size / context;
    const at = (name: ParameterName, layer = 0) => weights[name][layer]!;
    const tokens = tf.reshape(tf.gather(at('wte'), ids), [sequences, context, width]);
    let x = tf.reshape(tf.add(tokens, at('wpe')), [sequences * context, width]) as Tensor2D;
    for (let l = 0; l < layers; l++) {
      const normed = layerNorm(x, at('ln1w', l), at('ln1b', l));
      const attended = attention(linear(normed, at('qkvw', l), at('qkvb', l)), sequences);
      x = tf.add(x, linear(attended, at('attprojw', l), at('attprojb', l)));
      const wide = linear(layerNorm(x, at('ln2w', l), at('ln2b', l)), at('fcw', l), at('fcb', l));
      x = tf.add(x, linear(gelu(wide), at('fcprojw', l), at('fcprojb', l)));
    }
    const final = layerNorm(x, at('lnfw'), at('lnfb'));
    const logits =
      variant === 'tuned'
        ? product(final, tf.transpose(at('wte') as Tensor2D))
        : (tf.matMul(final, at('wte') as Tensor2D, false, true) as Tensor2D);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(targets, vocab), logits) as Scalar;
  }

  return {
    async step(ids, targets) {
      const value = tf.tidy(() => {
        const [idTensor, targetTensor] = [tf.tensor1d([...ids], 'int32'), tf.tensor1d([...targets], 'int32')];
        return optimizer.minimize(() => loss(idTensor, targetTensor), true)!;
      });
      const [number] = await value.data();
      value.dispose();
      return number!;
    },
    dispose() {
      tf.dispose([causal, ...(Object.values(weights).flat() as Tensor<Rank>[])]);
      optimizer.dispose();
    },
  };
}

/** Matrices are stored [inputs, outputs] there, which is tfjs's own order. */
function createWeights(tf: Core, config: ModelConfig, flat: Float32Array): Weights {
  const weights = {} as Weights;
  for (const { name, shape, offset, length } of parameterLayout(config)) {
    const isStacked = !['wte', 'wpe', 'lnfw', 'lnfb'].includes(name);
    const count = isStacked ? config.layers : 1;
    const [rows, columns] = isStacked ? shape.slice(1) : shape;
    weights[name] = Array.from({ length: count }, (_, layer) => {
      const part = flat.slice(offset + (layer * length) / count, offset + ((layer + 1) * length) / count);
      if (columns === undefined) return tf.variable(tf.tensor1d(part));
      const matrix = tf.tensor2d(part, [rows!, columns]);
      return tf.variable(isStacked ? tf.transpose(matrix) : matrix);
    });
  }
  return weights;
}
