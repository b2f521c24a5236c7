/**
 * Who reduces how much (sn38.md 3.4, closed form, with a cap). All arithmetic is in bigint: members check a roster, so
 * no two machines may disagree by one unit.
 *
 * The linear program is: least xi with (1 + (N-2) * w_i) / b_i <= xi, sum of w = 1, 0 <= w <= cap. At lo = 1 / min(b)
 * the slowest member's share is 0. If the shares that lo allows reach 1, they are scaled down to it. Otherwise xi rises
 * above lo: with the members at their cap set apart, R the share that is left and K the others with bandwidth,
 * xi = (R * (N-2) + K) / sum of their b; whoever would then exceed the cap joins those at it.
 */

/** Lower of up and down rate in bytes per second; 0 is unknown (taken as the mean of the known), null reduces nothing. */
export type Bandwidth = number | null;

/**
 * The most chunks that one member may reduce: the larger of twice the equal share, and of what a round can lose and
 * still have `commitShare` of its results.
 * @param reducers members that reduce
 */
export const mostChunks = (chunks: number, reducers: number, commitShare: number): number =>
  Math.min(chunks, Math.max(Math.ceil((2 * chunks) / reducers), Math.ceil((1 - commitShare) * chunks) - 1));

/**
 * Units by Hagenbach-Bischoff: the floor of each share, then one by one to the largest score / (allocated + 1),
 * the first of equals, and none beyond `most`.
 * @throws {RangeError} when all scores are 0
 */
export function splitUnits(units: number, scores: readonly bigint[], most = units): number[] {
  const total = sumOf(scores);
  if (total <= 0n) throw new RangeError('shares are all zero');
  const allocated = scores.map((score) => (BigInt(units) * score) / total);
  for (let left = BigInt(units) - sumOf(allocated); left > 0n; left--)
    allocated[nextUnit(scores, allocated, BigInt(most))]!++;
  return allocated.map(Number);
}

function nextUnit(scores: readonly bigint[], allocated: readonly bigint[], most: bigint): number {
  let best: number | null = null;
  for (const [i, score] of scores.entries()) {
    if (allocated[i]! >= most) continue;
    if (best === null || score * (allocated[best]! + 1n) > scores[best]! * (allocated[i]! + 1n)) best = i;
  }
  if (best === null) throw new RangeError('more units than the members may have');
  return best;
}

export interface Part {
  readonly firstChunk: number;
  readonly chunkCount: number;
}

/**
 * Parts of whole chunks in the order of members; together they cover the grid without gaps.
 * @param most what no part exceeds; enough of it for all chunks
 * @throws {RangeError} when nobody may reduce
 */
export function splitParts(chunks: number, bandwidths: readonly Bandwidth[], most = chunks): Part[] {
  let firstChunk = 0;
  return chunkCounts(chunks, resolveUnknown(bandwidths), most).map((chunkCount) => {
    const part = { firstChunk, chunkCount };
    firstChunk += chunkCount;
    return part;
  });
}

/** @param rates one for each member, 0 for who reduces nothing */
function chunkCounts(chunks: number, rates: readonly bigint[], most: number): number[] {
  const able = rates.filter((rate) => rate > 0n);
  if (able.length === 0) throw new RangeError('nobody can reduce');
  if (rates.length <= 2) return splitUnits(chunks, rates, most);
  const others = BigInt(rates.length - 2);
  const least = able.reduce((a, c) => (c < a ? c : a));
  // Shares at lo, each times chunks * least * (N-2).
  const cap = BigInt(most) * least * others;
  const atLeast = rates.map((rate) => clamp((rate - least) * BigInt(chunks), cap));
  if (sumOf(atLeast) >= BigInt(chunks) * least * others) return splitUnits(chunks, atLeast, most);
  const atCap = new Set(atLeast.flatMap((share, i) => (share === cap ? [i] : [])));
  return raisedCounts(chunks, rates, most, atCap);
}

/** Above lo every member with bandwidth has a share; `atCap` are those whose share is the cap there already. */
function raisedCounts(chunks: number, rates: readonly bigint[], most: number, atCap: Set<number>): number[] {
  const others = BigInt(rates.length - 2);
  for (;;) {
    const free = rates.map((rate, i) => (atCap.has(i) ? 0n : rate));
    const left = chunks - most * atCap.size;
    const slope = BigInt(left) * others + BigInt(chunks * free.filter((rate) => rate > 0n).length);
    const total = sumOf(free);
    const scores = free.map((rate) => (rate > 0n ? slope * rate - BigInt(chunks) * total : 0n));
    const over = scores.flatMap((score, i) => (score > BigInt(most) * others * total ? [i] : []));
    if (over.length === 0)
      return splitUnits(left, scores, most).map((count, i) => (atCap.has(i) ? most : count));
    for (const i of over) atCap.add(i);
  }
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
