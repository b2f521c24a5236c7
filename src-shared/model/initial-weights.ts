import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { type ModelConfig, type ParameterTensor, parameterCount, parameterLayout } from './layout.ts';
import { xoshiro128 } from './xoshiro.ts';

/**
 * Every machine must get the same bits, so nothing here calls log, exp, sin or cos: a normal number is the sum
 * of twelve 16-bit draws (Irwin-Hall), whose standard deviation is 2^16 to within 1e-10 and whose excess
 * kurtosis is -0.1. Scaling is one float64 product, rounded once to float32.
 */
const DRAWS = 12;
const MEAN_SUM = (DRAWS * 65_535) / 2;
const STD_SUM = 65_536;
const STD = 0.02;

/** Elements drawn in one go; a caller may let others have their turn in between. */
const PORTION = 64 * 1024;

/** The flat vector before training: N(0, 0.02), residual projections divided by sqrt(2 layers), norms 1 and 0. */
export function initialWeights(config: ModelConfig, seed: string): Float32Array {
  const flat = new Float32Array(parameterCount(config));
  for (const _ of fillInitialWeights(flat, config, seed));
  return flat;
}

/** The same in portions, into `flat`; yields the number of elements done since the last time. */
export function* fillInitialWeights(
  flat: Float32Array,
  config: ModelConfig,
  seed: string,
): Generator<number> {
  for (const tensor of parameterLayout(config)) {
    const std = initialStd(tensor, config.layers);
    const draw = std > 0 ? normals(std, `${seed}/${tensor.name}`) : null;
    const rest = tensor.name.startsWith('ln') && tensor.name.endsWith('w') ? 1 : 0;
    const end = tensor.offset + tensor.length;
    for (let at = tensor.offset; at < end; at += PORTION) {
      const portion = flat.subarray(at, Math.min(at + PORTION, end));
      if (draw) for (let i = 0; i < portion.length; i++) portion[i] = draw();
      else portion.fill(rest);
      yield portion.length;
    }
  }
}

/** SHA-256 of the vector as float32 little endian, hex: what a profile names. */
export function weightsDigest(flat: Float32Array): string {
  const bytes = new Uint8Array(4 * flat.length);
  const view = new DataView(bytes.buffer);
  flat.forEach((value, index) => {
    view.setFloat32(4 * index, value, true);
  });
  return bytesToHex(sha256(bytes));
}

function initialStd({ name, decay }: ParameterTensor, layers: number): number {
  if (!decay) return 0;
  return name === 'attprojw' || name === 'fcprojw' ? STD / Math.sqrt(2 * layers) : STD;
}

function normals(std: number, seed: string): () => number {
  const next = xoshiro128(seed);
  const scale = std / STD_SUM;
  return () => {
    let sum = 0;
    for (let pair = 0; pair < DRAWS / 2; pair++) {
      const word = next();
      sum += (word & 0xffff) + (word >>> 16);
    }
    return Math.fround((sum - MEAN_SUM) * scale);
  };
}
