/**
 * The model's operations in float64, written to be read. Every one comes with its way back, which adds to
 * the gradients it is given. Matrices are row-major; a linear layer's weight is [outputs, inputs].
 */

/** y[rows, outputs] = x[rows, inputs] W^T + b. */
export function linear(
  x: Float64Array,
  w: Float64Array,
  b: Float64Array | null,
  inputs: number,
  outputs: number,
): Float64Array {
  const rows = x.length / inputs;
  const y = new Float64Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outputs; o++) {
      let sum = b ? b[o]! : 0;
      for (let i = 0; i < inputs; i++) sum += x[r * inputs + i]! * w[o * inputs + i]!;
      y[r * outputs + o] = sum;
    }
  }
  return y;
}

/** Adds to dW and dB; returns dX. */
export function linearBack(
  dy: Float64Array,
  x: Float64Array,
  w: Float64Array,
  dw: Float64Array,
  db: Float64Array | null,
  inputs: number,
  outputs: number,
): Float64Array {
  const rows = x.length / inputs;
  const dx = new Float64Array(x.length);
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outputs; o++) {
      const d = dy[r * outputs + o]!;
      if (db) db[o]! += d;
      for (let i = 0; i < inputs; i++) {
        dx[r * inputs + i]! += d * w[o * inputs + i]!;
        dw[o * inputs + i]! += d * x[r * inputs + i]!;
      }
    }
  }
  return dx;
}

const NORM_EPS = 1e-5;

type RowStatistics = { mean: number; rstd: number };

function rowStatistics(x: Float64Array): RowStatistics {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return { mean, rstd: 1 / Math.sqrt(variance + NORM_EPS) };
}

export function layerNorm(x: Float64Array, gain: Float64Array, bias: Float64Array): Float64Array {
  const width = gain.length;
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    const { mean, rstd } = rowStatistics(x.subarray(start, start + width));
    for (let i = 0; i < width; i++) y[start + i] = (x[start + i]! - mean) * rstd * gain[i]! + bias[i]!;
  }
  return y;
}

/** Adds to dGain, dBias and dX. */
export function layerNormBack(
  dy: Float64Array,
  x: Float64Array,
  gain: Float64Array,
  dGain: Float64Array,
  dBias: Float64Array,
  dx: Float64Array,
): void {
  const width = gain.length;
  for (let start = 0; start < x.length; start += width) {
    const { mean, rstd } = rowStatistics(x.subarray(start, start + width));
    let sum = 0;
    let sumHat = 0;
    for (let i = 0; i < width; i++) {
      const hat = (x[start + i]! - mean) * rstd;
      const d = dy[start + i]!;
      dGain[i]! += d * hat;
      dBias[i]! += d;
      sum += d * gain[i]!;
      sumHat += d * gain[i]! * hat;
    }
    for (let i = 0; i < width; i++) {
      const hat = (x[start + i]! - mean) * rstd;
      dx[start + i]! += (dy[start + i]! * gain[i]! - sum / width - (hat * sumHat) / width) * rstd;
    }
  }
}

const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

export function gelu(x: Float64Array): Float64Array {
  return x.map((v) => 0.5 * v * (1 + Math.tanh(ROOT * (v + CUBIC * v ** 3))));
}

export function geluBack(dy: Float64Array, x: Float64Array): Float64Array {
  return dy.map((d, i) => {
    const v = x[i]!;
    const t = Math.tanh(ROOT * (v + CUBIC * v ** 3));
    return d * (0.5 * (1 + t) + 0.5 * v * (1 - t * t) * ROOT * (1 + 3 * CUBIC * v * v));
  });
}

export type AttentionShape = { sequences: number; context: number; width: number; heads: number };

/** Probabilities of one head over keys 0..t, for each query t; `at(row, part)` finds q, k or v of a row. */
function attentionWeights(
  qkv: Float64Array,
  at: (t: number, part: 0 | 1 | 2) => number,
  t: number,
  size: number,
): Float64Array {
  const scores = new Float64Array(t + 1);
  for (let s = 0; s <= t; s++) {
    for (let i = 0; i < size; i++) scores[s]! += qkv[at(t, 0) + i]! * qkv[at(s, 1) + i]!;
    scores[s]! /= Math.sqrt(size);
  }
  return softmax(scores);
}

function softmax(scores: Float64Array): Float64Array {
  const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scores.map((s) => Math.exp(s - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / sum);
}

/** Calls `visit` once per sequence, head and query, with the addresses into qkv and into the output. */
function forEachQuery(
  { sequences, context, width, heads }: AttentionShape,
  visit: (t: number, at: (t: number, part: 0 | 1 | 2) => number, out: number) => void,
): void {
  const size = width / heads;
  for (let b = 0; b < sequences; b++) {
    for (let h = 0; h < heads; h++) {
      const at = (t: number, part: 0 | 1 | 2) => (b * context + t) * 3 * width + part * width + h * size;
      for (let t = 0; t < context; t++) visit(t, at, (b * context + t) * width + h * size);
    }
  }
}

/** Causal attention: qkv[rows, 3 * width] to [rows, width]. */
export function attention(qkv: Float64Array, shape: AttentionShape): Float64Array {
  const size = shape.width / shape.heads;
  const y = new Float64Array(qkv.length / 3);
  forEachQuery(shape, (t, at, out) => {
    const weights = attentionWeights(qkv, at, t, size);
    for (let s = 0; s <= t; s++) {
      for (let i = 0; i < size; i++) y[out + i]! += weights[s]! * qkv[at(s, 2) + i]!;
    }
  });
  return y;
}

export function attentionBack(dy: Float64Array, qkv: Float64Array, shape: AttentionShape): Float64Array {
  const size = shape.width / shape.heads;
  const d = new Float64Array(qkv.length);
  forEachQuery(shape, (t, at, out) => {
    const weights = attentionWeights(qkv, at, t, size);
    const dWeights = new Float64Array(t + 1);
    for (let s = 0; s <= t; s++) {
      for (let i = 0; i < size; i++) {
        dWeights[s]! += dy[out + i]! * qkv[at(s, 2) + i]!;
        d[at(s, 2) + i]! += weights[s]! * dy[out + i]!;
      }
    }
    const mean = dWeights.reduce((sum, value, s) => sum + value * weights[s]!, 0);
    for (let s = 0; s <= t; s++) {
      const dScore = (weights[s]! * (dWeights[s]! - mean)) / Math.sqrt(size);
      for (let i = 0; i < size; i++) {
        d[at(t, 0) + i]! += dScore * qkv[at(s, 1) + i]!;
        d[at(s, 1) + i]! += dScore * qkv[at(t, 0) + i]!;
      }
    }
  });
  return d;
}

/** Summed cross-entropy over rows whose target is not `ignored`, and its gradient times `scale`. */
export function crossEntropy(
  logits: Float64Array,
  targets: Uint16Array,
  ignored: number,
  scale: number,
): { lossSum: number; gradient: Float64Array } {
  const vocab = logits.length / targets.length;
  const gradient = new Float64Array(logits.length);
  let lossSum = 0;
  targets.forEach((target, row) => {
    if (target === ignored) return;
    const p = softmax(logits.subarray(row * vocab, (row + 1) * vocab));
    lossSum -= Math.log(p[target]!);
    p.forEach((value, j) => {
      gradient[row * vocab + j] = (value - (j === target ? 1 : 0)) * scale;
    });
  });
  return { lossSum, gradient };
}
