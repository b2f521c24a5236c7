import {
  type ModelConfig,
  type ParameterName,
  type ParameterTensor,
  parameterLayout,
} from '../../../src-shared/model/layout.ts';

const NORM_EPS = 1e-5;
const GELU_ROOT = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;
/** Multiplications between two places where the work can be left for a while: some tenths of a millisecond. */
const PORTION = 256 * 1024;

/**
 * The model's forward pass one token at a time over a flat float32 vector that is only read: keys and values of the
 * tokens before are kept, so a token costs about one multiplication a parameter, whatever came before it. Sums are
 * taken in float64, what is kept between them is float32.
 */
export class IncrementalModel {
  readonly config: ModelConfig;
  /** Of the next token, once `advance` was asked for them. */
  readonly logits: Float32Array;
  readonly #flat: Float32Array;
  readonly #tensors: ReadonlyMap<ParameterName, ParameterTensor>;
  /** [layer][position, width]. */
  readonly #keys: readonly Float32Array[];
  readonly #values: readonly Float32Array[];
  #position = 0;

  /**
   * @param positions most tokens that will be seen; at most the context
   * @param tokens logits are wanted of: the vocabulary without what pads it
   */
  constructor(
    config: ModelConfig,
    flat: Float32Array,
    options: { readonly positions: number; readonly tokens: number },
  ) {
    this.config = config;
    this.#flat = flat;
    this.#tensors = new Map(parameterLayout(config).map((tensor) => [tensor.name, tensor]));
    this.logits = new Float32Array(options.tokens);
    const cache = () =>
      Array.from({ length: config.layers }, () => new Float32Array(options.positions * config.width));
    this.#keys = cache();
    this.#values = cache();
  }

  /** Tokens seen. */
  get position(): number {
    return this.#position;
  }

  /**
   * Takes the next token in; a step of the generator is a portion of the work.
   * @param wanted whether `logits` are computed from it
   */
  *advance(token: number, { wanted }: { readonly wanted: boolean }): Generator<void> {
    const { width, layers } = this.config;
    const x = new Float32Array(width);
    const [wte, wpe] = [this.#weights('wte'), this.#weights('wpe')];
    for (let i = 0; i < width; i++) x[i] = wte[token * width + i]! + wpe[this.#position * width + i]!;
    for (let layer = 0; layer < layers; layer++) yield* this.#layer(layer, x);
    this.#position += 1;
    if (!wanted) return;
    const final = layerNorm(x, this.#weights('lnfw'), this.#weights('lnfb'));
    yield* products(final, wte, null, this.logits);
  }

  *#layer(layer: number, x: Float32Array): Generator<void> {
    const { width } = this.config;
    const norm = (names: readonly [ParameterName, ParameterName]) =>
      layerNorm(x, this.#weights(names[0], layer), this.#weights(names[1], layer));
    const qkv = new Float32Array(3 * width);
    yield* this.#linear(norm(['ln1w', 'ln1b']), ['qkvw', 'qkvb'], layer, qkv);
    const attended = this.#attention(layer, qkv);
    const y = new Float32Array(width);
    yield* this.#linear(attended, ['attprojw', 'attprojb'], layer, y);
    add(x, y);
    const wide = new Float32Array(4 * width);
    yield* this.#linear(norm(['ln2w', 'ln2b']), ['fcw', 'fcb'], layer, wide);
    gelu(wide);
    yield* this.#linear(wide, ['fcprojw', 'fcprojb'], layer, y);
    add(x, y);
  }

  #linear(
    x: Float32Array,
    [w, b]: readonly [ParameterName, ParameterName],
    layer: number,
    y: Float32Array,
  ): Generator<void> {
    return products(x, this.#weights(w, layer), this.#weights(b, layer), y);
  }

  /** Keeps this token's key and value, and attends to all so far. */
  #attention(layer: number, qkv: Float32Array): Float32Array {
    const { width, heads } = this.config;
    const [keys, values] = [this.#keys[layer]!, this.#values[layer]!];
    const [position, size] = [this.#position, width / heads];
    keys.set(qkv.subarray(width, 2 * width), position * width);
    values.set(qkv.subarray(2 * width), position * width);
    const y = new Float32Array(width);
    const scores = new Float64Array(position + 1);
    for (let first = 0; first < width; first += size) {
      for (let t = 0; t <= position; t++) {
        let score = 0;
        for (let i = first; i < first + size; i++) score += qkv[i]! * keys[t * width + i]!;
        scores[t] = score / Math.sqrt(size);
      }
      softmax(scores);
      for (let i = first; i < first + size; i++) {
        let sum = 0;
        for (let t = 0; t <= position; t++) sum += scores[t]! * values[t * width + i]!;
        y[i] = sum;
      }
    }
    return y;
  }

  /** A tensor, or the part of it that belongs to a layer. */
  #weights(name: ParameterName, layer?: number): Float32Array {
    const { offset, length } = this.#tensors.get(name)!;
    if (layer === undefined) return this.#flat.subarray(offset, offset + length);
    const own = length / this.config.layers;
    return this.#flat.subarray(offset + layer * own, offset + (layer + 1) * own);
  }
}

/** y = W x + b for as many rows of W [rows, x] as y has. */
function* products(
  x: Float32Array,
  w: Float32Array,
  b: Float32Array | null,
  y: Float32Array,
): Generator<void> {
  const rows = Math.max(1, Math.floor(PORTION / x.length));
  for (let first = 0; first < y.length; first += rows) {
    rowsOf(x, w, b, y, first, Math.min(y.length, first + rows));
    yield;
  }
}

function rowsOf(
  x: Float32Array,
  w: Float32Array,
  b: Float32Array | null,
  y: Float32Array,
  first: number,
  end: number,
): void {
  const inputs = x.length;
  for (let row = first; row < end; row++) {
    // Four sums: each waits for its own last addition only. Widths are multiples of four.
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let i = 0, at = row * inputs; i < inputs; i += 4, at += 4) {
      s0 += x[i]! * w[at]!;
      s1 += x[i + 1]! * w[at + 1]!;
      s2 += x[i + 2]! * w[at + 2]!;
      s3 += x[i + 3]! * w[at + 3]!;
    }
    y[row] = s0 + s1 + (s2 + s3) + (b ? b[row]! : 0);
  }
}

function layerNorm(x: Float32Array, gain: Float32Array, bias: Float32Array): Float32Array {
  let mean = 0;
  for (const value of x) mean += value;
  mean /= x.length;
  let variance = 0;
  for (const value of x) variance += (value - mean) ** 2;
  const rstd = 1 / Math.sqrt(variance / x.length + NORM_EPS);
  return x.map((value, i) => (value - mean) * rstd * gain[i]! + bias[i]!);
}

function softmax(scores: Float64Array): void {
  let top = Number.NEGATIVE_INFINITY;
  for (const score of scores) top = Math.max(top, score);
  let sum = 0;
  for (let t = 0; t < scores.length; t++) sum += scores[t] = Math.exp(scores[t]! - top);
  for (let t = 0; t < scores.length; t++) scores[t]! /= sum;
}

function gelu(x: Float32Array): void {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    x[i] = 0.5 * v * (1 + Math.tanh(GELU_ROOT * (v + GELU_CUBIC * v * v * v)));
  }
}

function add(x: Float32Array, more: Float32Array): void {
  for (let i = 0; i < x.length; i++) x[i]! += more[i]!;
}
