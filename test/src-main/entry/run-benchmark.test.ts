import { describe, expect, it } from 'vitest';
import type { SurveyedCard } from '../../../src-main/card/survey.ts';
import { benchmarkLines, deviceChosen, deviceLines } from '../../../src-main/entry/run-benchmark.ts';
import type { Benchmark, ProfileSpeed } from '../../../src-shared/contract/benchmark.ts';
import type { MemoryPlan } from '../../../src-shared/contract/memory-plan.ts';
import { onProcessor } from '../../../src-shared/contract/train.ts';

const card = (name: string, problem: SurveyedCard['problem'] = null): SurveyedCard => ({
  ...{ key: `vulkan/${name}`, name, backend: 'vulkan', kind: null, facts: null, problem },
});
const cards = [
  card('llvmpipe', { code: 'CARD_IS_PROCESSOR', params: { device: 'llvmpipe' } }),
  card('GeForce'),
];

describe('the device of a benchmark', () => {
  it('is listed with its number, and with why it is not used', () => {
    expect(deviceLines(cards, 1)).toEqual([
      '0  processor, 1 thread',
      '1  llvmpipe (vulkan)  not used: llvmpipe is this computer’s processor playing a graphics card.',
      '2  GeForce (vulkan)',
    ]);
  });

  it('is the first card that can be used, or the one that was asked for', () => {
    expect(deviceChosen(cards, 3, null)).toEqual({
      ...onProcessor(3),
      kind: 'gpu',
      device: 'vulkan/GeForce',
    });
    expect(deviceChosen(cards, 3, 2).device).toBe('vulkan/GeForce');
    expect(deviceChosen(cards, 3, 0)).toEqual(onProcessor(3));
    expect(deviceChosen(cards.slice(0, 1), 3, null)).toEqual(onProcessor(3));
    expect(() => deviceChosen(cards, 3, 1)).toThrow(expect.objectContaining({ code: 'CARD_IS_PROCESSOR' }));
    expect(() => deviceChosen(cards, 3, 3)).toThrow(expect.objectContaining({ code: 'DEVICE_UNKNOWN' }));
  });
});

const MIB = 2 ** 20;
const plan: MemoryPlan = {
  ...{ device: 'GeForce', precision: 'f32', policy: 'W16', checkpointing: false, passSequences: 2 },
  ...{ waitingBytes: 475 * MIB, budgetBytes: null },
  bytes: {
    weights: 512 * MIB,
    gradient: 256 * MIB,
    optimizer: 256 * MIB,
    activations: 1024 * MIB,
    scratch: 0,
  },
};

it('what was measured is a table, with what was measured before', () => {
  const speed = (tokensPerSecond: number, how: 'measured' | 'reckoned') => ({
    ...{ stepMs: 1_000, tokensPerSecond, how, plan: null },
  });
  const profile = (name: string, over: Partial<ProfileSpeed>): ProfileSpeed => ({
    ...{ profile: name, speed: null, watts: null, stepsARound: null, mostSteps: 500, sequencesAStep: 64 },
    problem: null,
    ...over,
  });
  const result: Benchmark = {
    ...{ device: 'vulkan/GeForce', engine: 'GeForce', atMs: 0, tookMs: 84_400, heldBytes: 0 },
    appVersion: '0.2.0',
    profiles: [
      profile('gpt2-124m', {
        ...{ speed: { ...speed(31_400, 'measured'), plan }, watts: 148.3, stepsARound: 500 },
      }),
      profile('gpt2-250m', { speed: speed(1_490.4, 'reckoned'), stepsARound: 174 }),
      profile('gpt2-1.1b', {
        problem: { code: 'ENGINE_GPU_MEMORY', params: { neededMib: 20_000, device: 'GeForce' } },
      }),
    ],
  };
  const before = {
    ...result,
    appVersion: '0.1.0',
    profiles: [profile('gpt2-124m', { speed: speed(30_000, 'measured') })],
  };
  expect(benchmarkLines(result, before)).toEqual([
    'GeForce, Butterfly 0.2.0, measured in 84 s',
    'model      tokens/s  steps a round  power      memory       1970-01-01',
    'gpt2-124m  31,400    500 of 500     148 W      2.0 GiB      30,000',
    'gpt2-250m  ~ 1,490   174 of 500     not known  not counted',
    'gpt2-1.1b  This model needs 20000 MiB on GeForce, and that much cannot be had.',
    '~ reckoned from one and two layers: the whole model takes longer than a benchmark.',
    'gpt2-124m holds weights 512 MiB, gradient 256 MiB, optimizer 256 MiB, activations 1.0 GiB, 2 sequences at a time; ' +
      "475 MiB wait in the computer's memory at times.",
    'What that earns in alpha is not known beforehand: validators weigh it against what others train.',
    'The last column is of 1970-01-01, Butterfly 0.1.0.',
  ]);
});
