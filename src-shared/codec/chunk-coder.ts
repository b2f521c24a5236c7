import type { ModelConfig } from '../model/layout.ts';
import { type ChunkGrid, chunkLength, chunkStart } from '../reduce/chunks.ts';
import { ChunkSum } from '../reduce/sum.ts';
import { WinsorizedSum } from '../reduce/winsorized-sum.ts';
import { type Matrices, matricesOf, type Run, runsOf } from './runs.ts';
import { type CodecId, type ResultCodecId, resultCodecs, valueCodecs } from './table.ts';
import type { CodecSettings, ResultCodec, ValueCodec } from './value-codec.ts';

/** What of a profile decides how chunks are written. */
export interface CoderProfile {
  readonly model: ModelConfig;
  readonly codec: CodecSettings & { readonly result: ResultCodecId; readonly mean?: 'winsorized' };
}

/** Tiers in which only matrices take the tier's own codec: a lost bit of a norm or an embedding costs more. */
const LOW_TIERS: readonly CodecId[] = ['int4', 'sparse'];
/** What the rest of a low tier travels in. */
const FINE: CodecId = 'int8';

/** Bytes of a chunk of so many elements at most, wherever in a model it lies. */
export const chunkMaxBytes = (tier: CodecId, elements: number): number =>
  valueCodecs[tier].bytes(elements) + (LOW_TIERS.includes(tier) ? valueCodecs[FINE].bytes(elements) : 0);

/** Chunks of one run's grid, to bytes and back, in any of its tiers; and the results of chunks. */
export class ChunkCoder {
  readonly #grid: ChunkGrid;
  readonly #settings: CodecSettings;
  readonly #matrices: Matrices;
  readonly #result: ResultCodec;
  readonly #sum: typeof ChunkSum;
  readonly #offsets = new Map<CodecId, readonly number[]>();
  /** For values that are looked at and forgotten: half a megabyte a chunk is much to make anew each time. */
  #scratch = new Float64Array(0);

  constructor(grid: ChunkGrid, { model, codec }: CoderProfile) {
    this.#grid = grid;
    this.#settings = codec;
    this.#matrices = matricesOf(model);
    this.#result = resultCodecs[codec.result];
    this.#sum = codec.mean === 'winsorized' ? WinsorizedSum : ChunkSum;
  }

  /** What this run's results are taken from: a sum over so many elements to which nothing was added yet. */
  newSum(elements: number): ChunkSum {
    return new this.#sum(elements);
  }

  /** Bytes of an encoded chunk. */
  bytes(tier: CodecId, chunk: number): number {
    const offsets = this.offsets(tier);
    return offsets[chunk + 1]! - offsets[chunk]!;
  }

  /** Where each chunk begins in a file of all of them, and behind the last where that file ends. */
  offsets(tier: CodecId): readonly number[] {
    const known = this.#offsets.get(tier) ?? this.#sumUp(tier);
    this.#offsets.set(tier, known);
    return known;
  }

  /** @param values the chunk's, as many as the grid says */
  encode(tier: CodecId, chunk: number, values: Float32Array): Uint8Array<ArrayBuffer> {
    if (values.length !== chunkLength(this.#grid, chunk)) throw new RangeError('chunk of another length');
    const runs = this.#runs(tier, chunk);
    const parts = runs.map(({ codec, from, length }) =>
      codec.encode(values.subarray(from, from + length), this.#settings),
    );
    return parts.length === 1 ? parts[0]! : joined(parts);
  }

  /** @returns the values in float64, or null when the bytes are no chunk of this tier */
  decode(tier: CodecId, chunk: number, bytes: Uint8Array): Float64Array<ArrayBuffer> | null {
    return this.#decode(tier, chunk, bytes, new Float64Array(chunkLength(this.#grid, chunk)));
  }

  /** As `decode`, for who is done with the values before this coder is asked for anything else. */
  peek(tier: CodecId, chunk: number, bytes: Uint8Array): Float64Array<ArrayBuffer> | null {
    return this.#decode(tier, chunk, bytes, this.#scratchOf(chunk));
  }

  /** The number of the results' codec in frames. */
  get resultWire(): number {
    return this.#result.wire;
  }

  /** Bytes of a result at most. */
  resultMaxBytes(chunk: number): number {
    return this.#result.maxBytes(chunkLength(this.#grid, chunk));
  }

  /** Where a result begins in a file in which each has the room that it may take at most. */
  resultAt(chunk: number): number {
    return chunk * this.#result.maxBytes(this.#grid.chunkElements);
  }

  /** Bytes of such a file. */
  get resultsBytes(): number {
    const last = this.#grid.chunks - 1;
    return this.resultAt(last) + this.resultMaxBytes(last);
  }

  /** The mean of a chunk, rounded once. @param sum exact */
  encodeResult(sum: Float64Array, divisor: number): Uint8Array<ArrayBuffer> {
    return this.#result.encode(sum, divisor, this.#settings);
  }

  /** @returns the mean in float64, or null when the bytes are no result of this chunk */
  decodeResult(chunk: number, bytes: Uint8Array): Float64Array<ArrayBuffer> | null {
    const values = new Float64Array(chunkLength(this.#grid, chunk));
    return this.#result.decode(bytes, values, this.#settings) ? values : null;
  }

  /** Whether bytes are a result of this chunk. */
  isResult(chunk: number, bytes: Uint8Array): boolean {
    return this.#result.decode(bytes, this.#scratchOf(chunk), this.#settings);
  }

  #decode(
    tier: CodecId,
    chunk: number,
    bytes: Uint8Array,
    values: Float64Array<ArrayBuffer>,
  ): Float64Array<ArrayBuffer> | null {
    if (bytes.length !== this.bytes(tier, chunk)) return null;
    let at = 0;
    for (const { codec, from, length } of this.#runs(tier, chunk)) {
      const size = codec.bytes(length);
      const part = bytes.subarray(at, at + size);
      if (!codec.decode(part, values.subarray(from, from + length), this.#settings)) return null;
      at += size;
    }
    return values;
  }

  #scratchOf(chunk: number): Float64Array<ArrayBuffer> {
    const length = chunkLength(this.#grid, chunk);
    if (this.#scratch.length < length) this.#scratch = new Float64Array(length);
    return this.#scratch.subarray(0, length);
  }

  #sumUp(tier: CodecId): number[] {
    const offsets = [0];
    for (let chunk = 0; chunk < this.#grid.chunks; chunk++) {
      const sizes = this.#runs(tier, chunk).map(({ codec, length }) => codec.bytes(length));
      offsets.push(sizes.reduce((sum, size) => sum + size, offsets[chunk]!));
    }
    return offsets;
  }

  #runs(tier: CodecId, chunk: number): (Pick<Run, 'from' | 'length'> & { readonly codec: ValueCodec })[] {
    const length = chunkLength(this.#grid, chunk);
    if (!LOW_TIERS.includes(tier)) return [{ from: 0, length, codec: valueCodecs[tier] }];
    return runsOf(this.#matrices, chunkStart(this.#grid, chunk), length).map(({ isMatrix, ...run }) => ({
      ...run,
      codec: valueCodecs[isMatrix ? tier : FINE],
    }));
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
