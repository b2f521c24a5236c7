import { type Contributors, hasMember, membersOf, weightOf } from './bitmap.ts';

/**
 * Whether so many are in a result that it counts (ROUNDS section 5): more than half of the rostered weight, and at
 * least one besides the member that summed. Never "all but one": that would let one slow member close nothing.
 * @param signer roster index of the reducer or standby that signed it
 * @param weights of all members, in roster order
 */
export function hasQuorum(contributors: Contributors, signer: number, weights: readonly number[]): boolean {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const others = membersOf(contributors).some((index) => index !== signer);
  return others && 2 * weightOf(contributors, weights) > total;
}

/** Why a bitmap and its divisor cannot be of a result; null where they can. */
export function contributorsFault(
  result: { readonly contributors: Contributors; readonly divisor: number; readonly signer: number },
  weights: readonly number[],
): 'contributors' | 'divisor' | 'quorum' | null {
  const { contributors, divisor, signer } = result;
  const count = weights.filter((weight, i) => weight > 0 && hasMember(contributors, i)).length;
  // Bits beyond the roster, and of members without weight, belong to nobody.
  if (count !== bitsOf(contributors)) return 'contributors';
  if (divisor !== weightOf(contributors, weights)) return 'divisor';
  return hasQuorum(contributors, signer, weights) ? null : 'quorum';
}

function bitsOf(contributors: Contributors): number {
  let bits = 0;
  for (let left = contributors; left > 0n; left &= left - 1n) bits++;
  return bits;
}
