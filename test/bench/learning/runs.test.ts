import { expect, it } from 'vitest';
import { type Averaged, int8, PEERS, synchronous } from '../../../bench/learning/arms.ts';
import { Averaging } from '../../../bench/learning/averaging.ts';
import { type Ground, runOf } from '../../../bench/learning/runs.ts';
import { Windows } from '../../../bench/learning/text.ts';
import { initialWeights } from '../../../src-shared/model/initial-weights.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { shippedConsensus } from '../../../src-shared/profile/shipped.ts';

const CONTEXT = 8;
const model = { layers: 1, width: 16, heads: 1, context: CONTEXT, vocab: 64 };
const consensus = { ...shippedConsensus()[0]!, model };
const train = Uint16Array.from({ length: 16_001 }, (_, i) => (i * 7 + (i >> 3)) % 64);
const ground: Ground = { consensus, train, tokens: 4_096, seed: 3 };
const small: Averaged = { ...int8, steps: 4 };

it('gives each window once, and none of those that settings are chosen on', () => {
  const text = new Windows(train, CONTEXT, 1);
  const windows = 2_000 - 1_024;
  const firsts = Array.from({ length: windows }, () => text.take(1).ids.join());
  expect(new Set(firsts).size).toBe(new Set(Array.from({ length: windows }, (_, i) => textAt(i))).size);
  expect(firsts.sort()).toEqual(Array.from({ length: windows }, (_, i) => textAt(i)).sort());
  expect(() => text.take(1)).toThrow(RangeError);
});

const textAt = (window: number): string => train.slice(window * CONTEXT, (window + 1) * CONTEXT).join();

it('keeps what was not taken: means and residues together are all progress', () => {
  const elements = parameterCount(model);
  for (const codec of ['int8', 'int4', 'sparse'] as const) {
    const averaging = new Averaging(consensus, { ...small, codec, result: 'fp16' }, elements, 1);
    const delta = initialWeights(model, 'delta');
    const sums = new Float64Array(elements);
    const rounds = 40;
    for (let round = 0; round < rounds; round++)
      for (const [i, value] of averaging.round([delta.slice()], [round % 4 !== 3]).mean.entries())
        sums[i]! += value;
    const error = Math.hypot(...sums.map((sum, i) => sum / rounds - delta[i]!)) / Math.hypot(...delta);
    expect(error).toBeLessThan(codec === 'sparse' ? 0.6 : 0.05);
  }
});

it('stands where it began while everybody is absent', async () => {
  const first = initialWeights(model, `${consensus.initialWeights.seed}/learning/3`);
  const now = new Float32Array(first.length);
  for await (const { model: at } of runOf(ground, { ...small, absent: 1 }))
    await at.engine.read('parameters', now);
  expect(now).toEqual(first);
});

it('sees as many tokens either way, and sends a fraction of the bytes', async () => {
  const lastOf = async (arm: Parameters<typeof runOf>[1]) => {
    let last = { tokens: 0, sentBytes: 0 };
    for await (const { tokens, sentBytes } of runOf(ground, arm)) last = { tokens, sentBytes };
    return last;
  };
  const [apart, together] = [await lastOf(small), await lastOf(synchronous)];
  expect(apart.tokens).toBe(together.tokens);
  expect(apart.tokens).toBe(ground.tokens);
  expect(apart.sentBytes / together.sentBytes).toBeLessThan(1 / PEERS);
});
