import { describe, expect, it } from 'vitest';
import { int8Result } from '../../../src-shared/codec/int8-result.ts';
import { type CodecId, valueCodecs } from '../../../src-shared/codec/table.ts';
import { type CodecSettings, magnitudeLimit } from '../../../src-shared/codec/value-codec.ts';
import { mutationsOf } from '../../mutated.ts';
import { isExact, numbers, settings } from './drawn.ts';
import { loadMutant, mutants } from './mutants.ts';
import { refused, refusedResults } from './refused.ts';

/** What is looked at of a decoder. */
interface Decodes {
  decode(bytes: Uint8Array, into: Float64Array, settings: CodecSettings): boolean;
}

/** What a decoder is held against. */
interface Looked {
  /** Bytes that a sender writes, with what they say. */
  readonly sent: readonly { readonly bytes: Uint8Array; readonly values: Float64Array }[];
  /** Bytes that none writes, with the number of their values. */
  readonly none: readonly (readonly [string, Uint8Array, number])[];
  isFine(values: Float64Array): boolean;
}

const CHANGES = 400;
const lengths = [1, 2, 63, 64, 65, 256, 300, 4_096, 4_500];
/** From the smallest scale to what saturates at the largest. */
const powers = [-30, -8, 0, 60];

/** Bytes that start at that place, in a buffer that holds something else in front. */
function elsewhere(bytes: Uint8Array, at: number): Uint8Array {
  const buffer = new Uint8Array(bytes.length + at).fill(0x5a);
  buffer.set(bytes, at);
  return buffer.subarray(at);
}

/** What stood there before must not shine through. */
function read(codec: Decodes, bytes: Uint8Array, length: number): Float64Array | null {
  const into = new Float64Array(length).fill(1);
  return codec.decode(bytes, into, settings) ? into : null;
}

/** The first thing that a decoder does wrong, thrown errors among them: bytes come from anybody. Null where it does none. */
function faultOf(codec: Decodes, { sent, none, isFine }: Looked): string | null {
  try {
    for (const { bytes, values } of sent) {
      for (const given of [bytes, elsewhere(bytes, 3), elsewhere(bytes, 4)])
        if (String(read(codec, given, values.length)) !== String(values)) return 'reads something else';
      if (read(codec, bytes.subarray(1), values.length)) return 'takes a byte less';
      if (read(codec, bytes.subarray(0, -1), values.length)) return 'takes a byte less at the end';
      if (read(codec, Uint8Array.of(...bytes, 0), values.length)) return 'takes a byte more';
    }
    for (const [what, bytes, length] of none) if (read(codec, bytes, length)) return `takes ${what}`;
    const next = mutationsOf(
      sent.map(({ bytes }) => bytes),
      38,
    );
    for (let left = CHANGES; left > 0; left--) {
      const values = read(codec, next(), lengths.at(-1)!);
      if (values && !isFine(values)) return 'takes what no sum takes';
    }
    return null;
  } catch (thrown) {
    return `throws ${thrown}`;
  }
}

const vectors = lengths.flatMap((length) =>
  powers.map((power) => numbers(length, length, 2).map((value) => value * 2 ** power)),
);
const isBelow = (values: Float64Array) => values.every((value) => Math.abs(value) < magnitudeLimit(settings));

function lookedOf(id: CodecId): Looked {
  const codec = valueCodecs[id];
  const sent = vectors
    .map((values) => (id === 'f32' ? values.map((value) => Math.max(-3, Math.min(3, value))) : values))
    .map((values) => {
      const bytes = codec.encode(values, settings);
      return { bytes, values: read(codec, bytes, values.length)! };
    });
  const none = refused.filter(([, of]) => of === id).map(([what, , ...rest]) => [what, ...rest] as const);
  return { sent, none, isFine: id === 'f32' ? isBelow : isExact };
}

const results: Looked = {
  sent: [...vectors, Float32Array.from({ length: 8_200 }, (_, i) => (i % 300 === 7 ? i : 0))].map(
    (values) => {
      const bytes = int8Result.encode(Float64Array.from(values), 3, settings);
      return { bytes, values: read(int8Result, bytes, values.length)! };
    },
  ),
  none: refusedResults,
  isFine: isExact,
};

describe.each(Object.keys(valueCodecs) as CodecId[])('a decoder of %s', (id) => {
  const looked = lookedOf(id);

  it('does nothing wrong as it is', () => {
    expect(faultOf(valueCodecs[id], looked)).toBeNull();
  });

  it.each(mutants[id])('that $does is found out', async (mutant) => {
    const { [id]: codec } = await loadMutant(mutant);
    expect(faultOf(codec as Decodes, looked)).not.toBeNull();
  });
});

describe('a decoder of results in int8', () => {
  it('does nothing wrong as it is', () => {
    expect(faultOf(int8Result, results)).toBeNull();
  });

  it.each(mutants.int8Result)('that $does is found out', async (mutant) => {
    const { int8Result: codec } = await loadMutant(mutant);
    expect(faultOf(codec as Decodes, results)).not.toBeNull();
  });
});
