import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type ModelConfig, type ParameterName, parameterLayout } from '../../src-shared/model/layout.ts';
import type { Batch } from '../../src-worker/train/engine/engine.ts';
import { npmGuest } from './npm-guest.ts';

const PACKAGE = '@jax-js/jax@0.1.25';
export const JAX_JS = 'jax-js 0.1.25';

/** An array of jax-js. A function takes what is given to it away; `ref` is one more that may be taken. */
interface Arr {
  readonly ref: Arr;
  readonly shape: readonly number[];
  add(other: Arr | number): Arr;
  sub(other: Arr | number): Arr;
  mul(other: Arr | number): Arr;
  div(other: Arr | number): Arr;
  reshape(shape: readonly number[]): Arr;
  transpose(axes?: readonly number[]): Arr;
  data(): Promise<Float32Array>;
}
type Tree = Readonly<Record<string, readonly Arr[]>>;

/** What of the package is used. */
interface Jax {
  init(device: string): Promise<readonly string[]>;
  defaultDevice(device: string): void;
  jit<F>(f: F): F;
  valueAndGrad<A extends readonly unknown[]>(
    f: (tree: Tree, ...rest: A) => Arr,
  ): (tree: Tree, ...rest: A) => [Arr, Tree];
  blockUntilReady(tree: unknown): Promise<void>;
  readonly tree: { map(f: (...leaves: Arr[]) => unknown, ...trees: Tree[]): Tree; ref<T>(tree: T): T };
  readonly nn: {
    gelu(x: Arr, options: { approximate: boolean }): Arr;
    oneHot(x: Arr, classes: number): Arr;
    logSoftmax(x: Arr, axis: number): Arr;
    dotProductAttention(q: Arr, k: Arr, v: Arr, options: { isCausal: boolean }): Arr;
  };
  readonly numpy: {
    readonly int32: string;
    array(
      values: Float32Array | Int32Array | readonly number[],
      options?: { shape?: readonly number[]; dtype?: string },
    ): Arr;
    matmul(a: Arr, b: Arr): Arr;
    mean(x: Arr, axis?: number, options?: { keepdims: boolean }): Arr;
    sum(x: Arr): Arr;
    sqrt(x: Arr): Arr;
    split(x: Arr, parts: number, axis: number): Arr[];
    zerosLike(x: Arr): Arr;
  };
}

export type JaxGpt = {
  /** One step of training on a micro-batch; the loss before it, in nats. */
  step(batch: Batch): Promise<number>;
};

/**
 * The same GPT as the engine's in jax-js: loss, gradient and AdamW in one compiled function, which is its fastest form.
 * @param gpu what `navigator.gpu` is in a browser; absent: its WASM backend, which has one thread in Node
 */
export async function createJaxGpt(
  config: ModelConfig,
  flat: Float32Array,
  sequences: number,
  gpu?: GPU,
): Promise<JaxGpt> {
  // It looks for a browser's; Node's own has no graphics card.
  Object.defineProperty(globalThis, 'navigator', {
    value: { userAgent: 'node', ...(gpu && { gpu }) },
    configurable: true,
    writable: true,
  });
  const folder = await npmGuest([PACKAGE]);
  const jax = createRequire(join(folder, 'package.json'))('@jax-js/jax') as Jax;
  const device = gpu ? 'webgpu' : 'wasm';
  const devices = await jax.init(device);
  if (!devices.includes(device)) throw new Error(`jax-js has no ${device} here, only ${devices.join(', ')}`);
  jax.defaultDevice(device);
  return trained(jax, config, flat, sequences);
}

function trained(jax: Jax, config: ModelConfig, flat: Float32Array, sequences: number): JaxGpt {
  const { numpy: np, tree } = jax;
  const loss = lossOf(jax, config, sequences);
  const update = jax.jit((weights: Tree, m: Tree, v: Tree, step: Arr, ids: Arr, targets: Arr) => {
    const [value, gradient] = jax.valueAndGrad(loss)(tree.ref(weights), ids, targets);
    const mNext = tree.map((a, g) => a.mul(0.9).add(g.mul(0.1)), m, tree.ref(gradient));
    const vNext = tree.map((a, g) => a.mul(0.99).add(g.ref.mul(g).mul(0.01)), v, gradient);
    const next = tree.map(
      (w, a, b) => w.mul(1 - 1e-3 * 0.1).sub(a.div(np.sqrt(b).add(1e-8)).mul(step.ref)),
      weights,
      tree.ref(mNext),
      tree.ref(vNext),
    );
    return [next, mNext, vNext, value] as const;
  });
  let weights = createWeights(jax, config, flat);
  let m = tree.map((w) => np.zerosLike(w.ref), weights);
  let v = tree.map((w) => np.zerosLike(w.ref), weights);
  let steps = 0;
  return {
    async step({ ids, targets }) {
      steps += 1;
      const rate = (1e-3 * Math.sqrt(1 - 0.99 ** steps)) / (1 - 0.9 ** steps);
      const tokens = (of: Uint16Array) => np.array(Int32Array.from(of), { dtype: np.int32 });
      const [next, mNext, vNext, value] = update(
        weights,
        m,
        v,
        np.array([rate]),
        tokens(ids),
        tokens(targets),
      );
      [weights, m, v] = [next, mNext, vNext];
      const number = (await value.data())[0]!;
      await jax.blockUntilReady(weights);
      return number;
    },
  };
}

function lossOf(
  { numpy: np, nn }: Jax,
  { layers, width, heads, context, vocab }: ModelConfig,
  sequences: number,
) {
  const size = width / heads;
  const rows = sequences * context;
  const linear = (x: Arr, w: Arr, b: Arr) => np.matmul(x, w.transpose()).add(b);
  const layerNorm = (x: Arr, gain: Arr, bias: Arr) => {
    const centred = x.ref.sub(np.mean(x, 1, { keepdims: true }));
    const variance = np.mean(centred.ref.mul(centred.ref), 1, { keepdims: true });
    return centred
      .div(np.sqrt(variance.add(1e-5)))
      .mul(gain)
      .add(bias);
  };
  const attention = (qkv: Arr) => {
    const [q, k, v] = np.split(qkv.reshape([sequences, context, 3 * width]), 3, 2);
    const apart = (x: Arr) => x.reshape([sequences, context, heads, size]);
    return nn.dotProductAttention(apart(q!), apart(k!), apart(v!), { isCausal: true }).reshape([rows, width]);
  };
  return (weights: Tree, ids: Arr, targets: Arr): Arr => {
    const at = (name: ParameterName, layer = 0) => weights[name]![layer]!;
    // Its gather has no gradient; a product with ones and zeros has.
    const tokens = np.matmul(nn.oneHot(ids, vocab), at('wte').ref).reshape([sequences, context, width]);
    let x = tokens.add(at('wpe')).reshape([rows, width]);
    for (let l = 0; l < layers; l += 1) {
      const normed = layerNorm(x.ref, at('ln1w', l), at('ln1b', l));
      const attended = attention(linear(normed, at('qkvw', l), at('qkvb', l)));
      x = x.add(linear(attended, at('attprojw', l), at('attprojb', l)));
      const wide = linear(layerNorm(x.ref, at('ln2w', l), at('ln2b', l)), at('fcw', l), at('fcb', l));
      x = x.add(linear(nn.gelu(wide, { approximate: true }), at('fcprojw', l), at('fcprojb', l)));
    }
    const logits = np.matmul(layerNorm(x, at('lnfw'), at('lnfb')), at('wte').transpose());
    return np.sum(nn.logSoftmax(logits, 1).mul(nn.oneHot(targets, vocab))).mul(-1 / rows);
  };
}

function createWeights({ numpy: np }: Jax, config: ModelConfig, flat: Float32Array): Tree {
  const weights: Record<string, Arr[]> = {};
  for (const { name, shape, offset, length } of parameterLayout(config)) {
    const isStacked = !['wte', 'wpe', 'lnfw', 'lnfb'].includes(name);
    const count = isStacked ? config.layers : 1;
    const each = length / count;
    weights[name] = Array.from({ length: count }, (_, layer) =>
      np.array(flat.slice(offset + layer * each, offset + (layer + 1) * each), {
        shape: isStacked ? shape.slice(1) : shape,
      }),
    );
  }
  return weights;
}
