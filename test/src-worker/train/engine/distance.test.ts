import { expect, it } from 'vitest';
import { distance } from '../../../../src-worker/train/engine/distance.ts';

it('is the largest difference over the largest value', () => {
  expect(distance(Float32Array.of(1, 2, -4), Float32Array.of(1, 3, -4))).toBe(0.25);
});

it('is no number where one of them is none, wherever it stands, or where nothing was expected', () => {
  const right = Float32Array.of(1, 2, 3);
  for (const at of [0, 1, 2]) {
    const wrong = right.slice();
    wrong[at] = Number.NaN;
    expect(distance(wrong, right)).toBeNaN();
    expect(distance(right, wrong)).toBeNaN();
  }
  expect(distance(new Float32Array(3), new Float32Array(3))).toBeNaN();
  expect(distance(right, new Float32Array(3))).toBeNaN();
});
