/** Sets of roster indexes 0..63, as they stand in frames (8 bytes) and manifests (16 hex digits, high bits first). */
export type Contributors = bigint;

export const noContributors: Contributors = 0n;
export const withMember = (set: Contributors, index: number): Contributors => set | (1n << BigInt(index));
export const hasMember = (set: Contributors, index: number): boolean => ((set >> BigInt(index)) & 1n) === 1n;

export function membersOf(set: Contributors): number[] {
  const found: number[] = [];
  for (let i = 0; i < 64; i++) if (hasMember(set, i)) found.push(i);
  return found;
}

export const contributorsToHex = (set: Contributors): string => set.toString(16).padStart(16, '0');

/** @throws {RangeError} when the text is not 16 lower-case hex digits. */
export function contributorsFromHex(text: string): Contributors {
  if (!/^[0-9a-f]{16}$/.test(text)) throw new RangeError('a bitmap has 16 hex digits');
  return BigInt(`0x${text}`);
}

/** Sum of the integer weights of those in the set: the divisor their chunk must carry. */
export const weightOf = (set: Contributors, weights: readonly number[]): number =>
  membersOf(set).reduce((sum, index) => sum + (weights[index] ?? 0), 0);
