import { createHash } from 'node:crypto';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { fillInitialWeights } from '../../../src-shared/model/initial-weights.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import type { Consensus, ModelShape } from '../../../src-shared/profile/schema.ts';
import { type Hex, hex } from '../../../src-shared/units.ts';
import type { Slices } from '../slices.ts';
import { bytesOf } from './vectors.ts';

/**
 * The initial weights of a run, a slice at a time.
 * @throws {AppError} PROFILE_INVALID when the seed does not give the weights that the profile names
 */
export async function agreedWeights(
  { model, initialWeights: { seed, digest } }: Pick<Consensus, 'model' | 'initialWeights'>,
  slices: Slices,
): Promise<Float32Array> {
  const weights = await drawnWeights(model, seed, slices);
  if (digest !== null && (await digestOf(weights, slices)) !== digest)
    throw new AppError('PROFILE_INVALID', { reason: 'its seed does not give the initial weights it names' });
  return weights;
}

/** SHA-256 of the weights that a seed gives: what a profile names, so that each member can compare. */
export const drawnWeightsDigest = async (model: ModelShape, seed: string, slices: Slices): Promise<Hex> =>
  hex(await digestOf(await drawnWeights(model, seed, slices), slices));

async function drawnWeights(model: ModelShape, seed: string, slices: Slices): Promise<Float32Array> {
  const weights = new Float32Array(parameterCount(model));
  for (const elements of fillInitialWeights(weights, model, seed)) await slices.worked(elements);
  return weights;
}

/** As `weightsDigest`, with Node's own hash. */
async function digestOf(weights: Float32Array, slices: Slices): Promise<string> {
  const hash = createHash('sha256');
  await slices.each(weights.length, (from, to) => hash.update(bytesOf(weights.subarray(from, to))));
  return hash.digest('hex');
}
