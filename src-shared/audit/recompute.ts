import type { ChunkCoder } from '../codec/chunk-coder.ts';
import { type ChunkGrid, chunkLength } from '../reduce/chunks.ts';
import { inOneGo } from '../reduce/merkle.ts';
import type { RosterMember } from '../rounds/messages.ts';

/** Of a round, what a result follows from. */
export interface SummedRound {
  readonly grid: ChunkGrid;
  readonly coder: ChunkCoder;
  /** In roster order. */
  readonly members: readonly Pick<RosterMember, 'codec' | 'weight' | 'clipExponent'>[];
}

/**
 * The result of a chunk from what its contributors sent, bit for bit as an honest reducer has it: sums are exact, so
 * their order does not matter, and the mean is rounded once.
 * @param inputs encoded chunks by roster index, at least one
 * @returns null where one of them is no chunk of its sender's codec: an honest reducer takes none of that sender
 */
export const recomputeResult = (
  round: SummedRound,
  chunk: number,
  inputs: ReadonlyMap<number, Uint8Array>,
): Uint8Array | null => inOneGo(recomputeInPortions(round, chunk, inputs));

/** The same, one contributor at a time: 64 of them in one go would hold a process for a quarter of a second. */
export function* recomputeInPortions(
  { grid, coder, members }: SummedRound,
  chunk: number,
  inputs: ReadonlyMap<number, Uint8Array>,
): Generator<void, Uint8Array | null> {
  const sum = coder.newSum(chunkLength(grid, chunk));
  for (const [index, bytes] of inputs) {
    const { codec, weight, clipExponent } = members[index]!;
    const values = coder.decode(codec, chunk, bytes);
    if (!values) return null;
    sum.add(values, weight, clipExponent);
    yield;
  }
  return sum.result((exact, divisor) => coder.encodeResult(exact, divisor));
}
