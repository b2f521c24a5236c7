import { describe, expect, it } from 'vitest';
import { chunkOffsets } from '../../../src-shared/chunk-offsets.ts';
import { ChunkCoder, chunkMaxBytes } from '../../../src-shared/codec/chunk-coder.ts';
import { matricesOf, runsOf } from '../../../src-shared/codec/runs.ts';
import { type CodecId, valueCodecs } from '../../../src-shared/codec/table.ts';
import { parameterCount, parameterLayout } from '../../../src-shared/model/layout.ts';
import { chunkGrid, chunkLength, chunkStart } from '../../../src-shared/reduce/chunks.ts';
import { isExact, numbers, settings } from './drawn.ts';

const model = { layers: 2, width: 64, heads: 2, context: 64, vocab: 512 };
const elements = parameterCount(model);
const grid = chunkGrid(elements, 65_536);
const coder = new ChunkCoder(grid, { model, codec: { ...settings, result: 'int8' } });
const tiers = Object.keys(valueCodecs) as CodecId[];
const chunks = Array.from({ length: grid.chunks }, (_, chunk) => chunk);
const valuesOf = (chunk: number) => numbers(chunk, chunkLength(grid, chunk));

/** Elements in which a tier differs from what its own codec alone would say. */
const tensorAt = (element: number) =>
  parameterLayout(model).find(({ offset, length }) => element >= offset && element < offset + length)!.name;

describe('chunks of a model', () => {
  it('come in the sizes that their offsets say, in every tier', () => {
    for (const tier of tiers)
      for (const chunk of chunks) {
        const bytes = coder.encode(tier, chunk, valuesOf(chunk));
        expect(bytes.length).toBe(coder.bytes(tier, chunk));
        expect(bytes.length).toBeLessThanOrEqual(chunkMaxBytes(tier, chunkLength(grid, chunk)));
        if (tier !== 'f32') expect(isExact(coder.decode(tier, chunk, bytes)!)).toBe(true);
        expect(coder.decode(tier, chunk, bytes.subarray(1))).toBeNull();
      }
  });

  it.each(['int4', 'sparse'] as const)(
    'in tier %s have norms, embeddings and biases to eight bits, matrices in its own codec',
    (tier) => {
      for (const chunk of chunks) {
        const values = valuesOf(chunk);
        const read = (id: CodecId) => coder.decode(id, chunk, coder.encode(id, chunk, values))!;
        const [low, fine] = [read(tier), read('int8')];
        for (let block = 0; block < values.length; block += 4_096) {
          const names = new Set(
            Array.from({ length: Math.min(4_096, values.length - block) }, (_, i) =>
              tensorAt(chunkStart(grid, chunk) + block + i),
            ),
          );
          const [name] = names;
          const isMatrix = names.size === 1 && ['qkvw', 'attprojw', 'fcw', 'fcprojw'].includes(name!);
          const range = [block, block + 4_096] as const;
          const isFine = low.subarray(...range).every((value, i) => value === fine[block + i]);
          expect(isFine).toBe(!isMatrix);
        }
      }
    },
  );

  it('are cut into runs without gaps, each longer than none', () => {
    for (const chunk of chunks) {
      let next = 0;
      for (const { from, length } of runsOf(
        matricesOf(model),
        chunkStart(grid, chunk),
        chunkLength(grid, chunk),
      )) {
        expect(from).toBe(next);
        next += length;
      }
      expect(next).toBe(chunkLength(grid, chunk));
    }
  });

  it('are not encoded at another length', () => {
    expect(() => coder.encode('fp16', 0, new Float32Array(3))).toThrow(RangeError);
  });

  it('have results each in a place of its own', () => {
    for (const chunk of chunks.slice(1))
      expect(coder.resultAt(chunk)).toBe(coder.resultAt(chunk - 1) + coder.resultMaxBytes(chunk - 1));
    const last = chunks.at(-1)!;
    expect(coder.resultsBytes).toBe(coder.resultAt(last) + coder.resultMaxBytes(last));
  });
});

describe('offsets of a contribution', () => {
  const fileBytes = coder.offsets('sparse').at(-1)!;
  const offsets = [...coder.offsets('sparse')];
  const read = (given: number[], size = fileBytes) =>
    chunkOffsets({ codec: 'sparse', offsets: given }, { grid, coder, fileBytes: size });

  it('are taken as the manifest says', () => {
    const moved = offsets.with(1, offsets[1]! - 7);
    expect(read(moved)).toEqual(moved);
  });

  it('follow from the codec in a manifest of before', () => {
    const size = 2 * elements;
    expect(chunkOffsets({ codec: 'fp16' }, { grid, coder, fileBytes: size })).toEqual([
      ...chunks.map((chunk) => 2 * chunkStart(grid, chunk)),
      size,
    ]);
    expect(chunkOffsets({ codec: 'fp16' }, { grid, coder, fileBytes: size - 2 })).toBeNull();
  });

  it.each<[string, number[], number?]>([
    ['of another number', offsets.slice(1)],
    ['that do not begin at 0', offsets.with(0, 1)],
    ['that do not rise', offsets.with(1, 0)],
    ['that fall', offsets.with(1, offsets[2]! + 1)],
    ['that end before the file', offsets, fileBytes + 1],
    ['of a file that cannot be read', offsets, -1],
    [
      'with a chunk larger than it can be',
      [0, 2 ** 40, ...offsets.slice(2).map((at) => at + 2 ** 40)],
      fileBytes + 2 ** 40,
    ],
  ])('%s are refused', (_what, given, size) => {
    expect(read(given, size)).toBeNull();
  });
});
