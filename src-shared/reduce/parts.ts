/**
 * Who reduces how much (sn38.md 3.4, closed form). All arithmetic is in bigint: members check a roster, so no two
 * machines may disagree by one unit.
 *
 * The linear program is: least xi with (1 + (N-2) * w_i) / b_i <= xi, sum of w = 1, w >= 0. At lo = 1 / min(b) the
 * slowest member's share is 0. If the shares that lo allows reach 1, they are scaled down to it; otherwise no share
 * is at its cap when the sum reaches 1, and xi follows from one linear equation: xi = (N - 2 + K) / sum(b), K being
 * the members with bandwidth.
 */

/** Lower of up and down rate in bytes per second; 0 is unknown (taken as the mean of the known), null reduces nothing. */
export type Bandwidth = number | null;

/**
 * Shares as integer scores: share i is score i over the sum of all scores.
 * @throws {RangeError} when nobody may reduce
 */
export function shareScores(bandwidths: readonly Bandwidth[]): bigint[] {
  const b = resolveUnknown(bandwidths);
  const able = b.filter((rate) => rate > 0n);
  if (able.length === 0) throw new RangeError('nobody can reduce');
  if (b.length <= 2) return b;
  const others = BigInt(b.length - 2);
  const least = able.reduce((a, c) => (c < a ? c : a));
  const cap = least * others;
  const atLeast = b.map((rate) => clamp(rate - least, cap));
  // Shares at lo are atLeast / cap, so their sum reaches 1 when the scores reach cap.
  if (sumOf(atLeast) >= cap) return atLeast;
  const total = sumOf(b);
  return b.map((rate) => (rate > 0n ? (others + BigInt(able.length)) * rate - total : 0n));
}

/**
 * Units by Hagenbach-Bischoff: the floor of each share, then one by one to the largest score / (allocated + 1),
 * the first of equals.
 */
export function splitUnits(units: number, scores: readonly bigint[]): number[] {
  const total = sumOf(scores);
  if (total <= 0n) throw new RangeError('shares are all zero');
  const allocated = scores.map((score) => (BigInt(units) * score) / total);
  for (let left = BigInt(units) - sumOf(allocated); left > 0n; left--) {
    let best = 0;
    for (let i = 1; i < scores.length; i++)
      if (scores[i]! * (allocated[best]! + 1n) > scores[best]! * (allocated[i]! + 1n)) best = i;
    allocated[best]!++;
  }
  return allocated.map(Number);
}

export interface Part {
  readonly firstChunk: number;
  readonly chunkCount: number;
}

/** Parts of whole chunks in the order of members; together they cover the grid without gaps. */
export function splitParts(chunks: number, bandwidths: readonly Bandwidth[]): Part[] {
  let firstChunk = 0;
  return splitUnits(chunks, shareScores(bandwidths)).map((chunkCount) => {
    const part = { firstChunk, chunkCount };
    firstChunk += chunkCount;
    return part;
  });
}

/** Whether parts cover all chunks, each exactly once: what a member verifies of a roster. */
export function partsCover(chunks: number, parts: readonly Part[]): boolean {
  const ordered = parts.filter((p) => p.chunkCount > 0).sort((a, c) => a.firstChunk - c.firstChunk);
  let next = 0;
  for (const part of ordered) {
    if (part.firstChunk !== next) return false;
    next += part.chunkCount;
  }
  return next === chunks;
}

function resolveUnknown(bandwidths: readonly Bandwidth[]): bigint[] {
  const known = bandwidths.filter((rate) => rate !== null && rate > 0) as number[];
  const mean = known.length ? sumOf(known.map(BigInt)) / BigInt(known.length) : 1n;
  return bandwidths.map((rate) => (rate === null ? 0n : rate > 0 ? BigInt(rate) : mean));
}

const sumOf = (values: readonly bigint[]): bigint => values.reduce((a, c) => a + c, 0n);
const clamp = (value: bigint, cap: bigint): bigint => (value < 0n ? 0n : value > cap ? cap : value);
