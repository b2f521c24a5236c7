import { ChunkCoder } from '../../src-shared/codec/chunk-coder.ts';
import { matricesOf, runsOf } from '../../src-shared/codec/runs.ts';
import type { CodecId, ResultCodecId } from '../../src-shared/codec/table.ts';
import { type ChunkGrid, chunkGrid, chunkLength, chunkStart } from '../../src-shared/reduce/chunks.ts';
import { sumOfSquares } from '../../src-shared/reduce/norms.ts';
import { ChunkSum } from '../../src-shared/reduce/sum.ts';
import { type Figure, figure } from '../report/figures.ts';
import { type PracticeRound, practiceRound } from './practice-round.ts';

/**
 * Relative error of a round's average against the exact mean: the norm of their difference over the norm of the mean,
 * one round, without what error feedback brings back in the next.
 */
export async function codecError(
  tier: CodecId,
  held: { readonly floor: number; readonly goal: number },
): Promise<Figure> {
  const round = await practiceRound();
  const inFp16 = relativeErrors(round, tier, 'fp16');
  const inInt8 = relativeErrors(round, tier, 'int8');
  const seen = `mean in fp16, of matrices alone ${three(inFp16.matrices)}; in int8 ${three(inInt8.all)} and ${three(inInt8.matrices)}`;
  return figure(`error-${tier === 'int4' ? '4bit' : tier}`, inFp16.all, '', { ...held, seen });
}

const three = (value: number): string => value.toPrecision(3);

/** Of all elements, and of those that low tiers encode by their own codec. */
function relativeErrors({ consensus, pseudoGradients }: PracticeRound, tier: CodecId, result: ResultCodecId) {
  const { model, codec } = consensus;
  const grid = chunkGrid(pseudoGradients[0]!.length, codec.chunkElements);
  const coder = new ChunkCoder(grid, { model, codec: { ...codec, result } });
  const [all, matrices] = [new RelativeError(), new RelativeError()];
  for (let chunk = 0; chunk < grid.chunks; chunk++) {
    const parts = pseudoGradients.map((values) => chunkOf(values, grid, chunk));
    const average = averageOf(coder, tier, chunk, parts);
    const exact = average.map((_, i) => parts.reduce((sum, part) => sum + part[i]!, 0) / parts.length);
    all.add(average, exact);
    for (const { from, length, isMatrix } of runsOf(matricesOf(model), chunkStart(grid, chunk), exact.length))
      if (isMatrix) matrices.add(average.subarray(from, from + length), exact.subarray(from, from + length));
  }
  return { all: all.value, matrices: matrices.value };
}

class RelativeError {
  #ofError = 0;
  #ofExact = 0;

  add(found: Float64Array, exact: Float64Array): void {
    this.#ofError += sumOfSquares(found.map((value, i) => value - exact[i]!));
    this.#ofExact += sumOfSquares(exact);
  }

  get value(): number {
    return Math.sqrt(this.#ofError / this.#ofExact);
  }
}

function averageOf(
  coder: ChunkCoder,
  tier: CodecId,
  chunk: number,
  parts: readonly Float32Array[],
): Float64Array {
  const sum = new ChunkSum(parts[0]!.length);
  for (const part of parts) sum.add(coder.decode(tier, chunk, coder.encode(tier, chunk, part))!, 1, 0);
  return coder.decodeResult(
    chunk,
    sum.result((exact, divisor) => coder.encodeResult(exact, divisor)),
  )!;
}

function chunkOf(values: Float32Array, grid: ChunkGrid, chunk: number): Float32Array {
  const start = chunkStart(grid, chunk);
  return values.subarray(start, start + chunkLength(grid, chunk));
}
