import { expect, it } from 'vitest';
import { fp16Result } from '../../../src-shared/codec/fp16.ts';
import { settings } from './drawn.ts';

it('a mean in fp16 is rounded once: by way of float32 this one would be a tie, and go down', () => {
  const mean = 1 + 2 ** -11 + 2 ** -32;
  const into = new Float64Array(1);
  expect(fp16Result.decode(fp16Result.encode(Float64Array.of(3 * mean), 3, settings), into, settings)).toBe(
    true,
  );
  expect(into[0]).toBe(1 + 2 ** -10);
});
