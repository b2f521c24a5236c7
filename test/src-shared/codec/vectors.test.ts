import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  type CodecId,
  type ResultCodecId,
  resultCodecs,
  valueCodecs,
} from '../../../src-shared/codec/table.ts';

/**
 * Bytes and values, in units of 2^-32, that any implementation must give: PROTOCOL section 7. A decoder of its own in
 * another language read the same from these bytes.
 */
const { unitExponent, fp16Shift, values, contributions, results, sum, divisor } = JSON.parse(
  readFileSync(new URL('../../fixtures/codec-vectors.json', import.meta.url), 'utf8'),
) as {
  readonly unitExponent: number;
  readonly fp16Shift: number;
  readonly values: readonly number[];
  readonly contributions: Readonly<Record<Exclude<CodecId, 'f32'>, Written>>;
  readonly results: Readonly<Record<ResultCodecId, Written>>;
  /** In units. */
  readonly sum: readonly number[];
  readonly divisor: number;
};
interface Written {
  readonly bytes: string;
  readonly units: readonly number[];
}
const settings = { unitExponent, fp16Shift };
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const inUnits = (into: Float64Array) => [...into].map((value) => value * 2 ** unitExponent + 0);

it.each(['fp16', 'int8', 'int4', 'sparse'] as const)('%s writes and reads the worked vector', (id) => {
  const { bytes, units } = contributions[id];
  expect(hexOf(valueCodecs[id].encode(Float32Array.from(values), settings))).toBe(bytes);
  const into = new Float64Array(values.length);
  expect(valueCodecs[id].decode(Buffer.from(bytes, 'hex'), into, settings)).toBe(true);
  expect(inUnits(into)).toEqual(units);
});

it.each(Object.keys(resultCodecs) as ResultCodecId[])('a mean in %s is the worked one', (id) => {
  const { bytes, units } = results[id];
  const exact = Float64Array.from(sum, (value) => value * 2 ** -unitExponent);
  expect(hexOf(resultCodecs[id].encode(exact, divisor, settings))).toBe(bytes);
  const into = new Float64Array(exact.length);
  expect(resultCodecs[id].decode(Buffer.from(bytes, 'hex'), into, settings)).toBe(true);
  expect(inUnits(into)).toEqual(units);
});
