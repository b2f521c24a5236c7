import type { Benchmark, ProfileSpeed } from '../../../src-shared/contract/benchmark.ts';
import type { MemoryPlan } from '../../../src-shared/contract/memory-plan.ts';
import type { CardSensors, FoundCard } from '../../../src-shared/contract/page/card.ts';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { defaultSettings } from '../../../src-shared/settings.ts';
import { changed, mineOf, paused, training } from './scenes.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

const facts = {
  ...{ vendor: 'nvidia', architecture: 'ampere', driver: 'NVIDIA 560.35.03', isSoftware: false, f16: true },
  ...{ subgroups: true, subgroupMatrix: true, timestamps: true, bufferBytes: 4 * GIB, bindingBytes: 2 * GIB },
};

export const geforce: FoundCard = {
  ...{ key: 'vulkan/NVIDIA GeForce RTX 3060', name: 'NVIDIA GeForce RTX 3060', backend: 'vulkan' },
  ...{ kind: 'discrete', memoryBytes: 12 * GIB, facts, problem: null },
};

export const found: readonly FoundCard[] = [
  geforce,
  {
    ...{ key: 'vulkan/Intel(R) UHD Graphics 770 (ADL-S GT1)', name: 'Intel(R) UHD Graphics 770 (ADL-S GT1)' },
    ...{ backend: 'vulkan', kind: 'integrated', memoryBytes: null, problem: null },
    facts: { ...facts, vendor: 'intel', driver: 'Mesa 25.0.7', subgroupMatrix: false },
  },
  {
    ...{ key: 'vulkan/llvmpipe (LLVM 15.0.6, 256 bits)', name: 'llvmpipe (LLVM 15.0.6, 256 bits)' },
    ...{ backend: 'vulkan', kind: 'software', memoryBytes: null, facts: null },
    problem: { code: 'CARD_IS_PROCESSOR', params: { device: 'llvmpipe (LLVM 15.0.6, 256 bits)' } },
  },
];

const sensors: CardSensors = {
  ...{ vendor: 'nvidia', name: geforce.name, celsius: 71, watts: 148.32, memoryBytes: 12 * GIB },
  ...{ usedBytes: 9_301 * MIB, busy: 0.98, fan: 0.62 },
};

const cards = { isLooking: false, cards: found, problem: null };

const speed = (tokensPerSecond: number, how: 'measured' | 'reckoned' = 'measured') => ({
  ...{ stepMs: 65_536_000 / tokensPerSecond, tokensPerSecond, how, plan: null },
});
const profile = (name: string, over: Partial<ProfileSpeed>): ProfileSpeed => ({
  ...{ profile: name, speed: null, watts: 147.6, stepsARound: 500, mostSteps: 500, sequencesAStep: 64 },
  problem: null,
  ...over,
});

const measuredPlan: MemoryPlan = {
  ...{ device: geforce.name, precision: 'f16', policy: 'W18', checkpointing: false },
  ...{ passSequences: 4, waitingBytes: 0, budgetBytes: 9 * GIB },
  bytes: {
    weights: 950 * MIB,
    gradient: 475 * MIB,
    optimizer: 950 * MIB,
    activations: 2_840 * MIB,
    scratch: 290 * MIB,
  },
};

/** What the card would do, and what it did before a driver was updated. */
export const measured = (nowMs: number): Benchmark => ({
  ...{
    device: geforce.key,
    engine: geforce.name,
    atMs: nowMs - 180_000,
    tookMs: 84_400,
    heldBytes: 2_300 * MIB,
    appVersion: '0.1.0',
  },
  profiles: [
    profile('gpt2-124m', { speed: { ...speed(31_400), plan: measuredPlan } }),
    profile('gpt2-250m', { speed: speed(14_912) }),
    profile('gpt2-1.1b', {
      ...{ watts: null, stepsARound: null },
      problem: { code: 'ENGINE_GPU_MEMORY', params: { device: geforce.name, neededMib: 20_412 } },
    }),
  ],
});

const results = (nowMs: number): readonly Benchmark[] => [
  measured(nowMs),
  {
    ...measured(nowMs - 3 * 86_400_000),
    profiles: [profile('gpt2-250m', { speed: speed(13_020) })],
  },
  {
    ...measured(nowMs - 86_400_000),
    ...{ device: 'cpu', engine: 'processor, 7 threads' },
    profiles: [profile('gpt2-124m', { speed: speed(610, 'reckoned'), stepsARound: 71 })],
  },
];

/** Training on a card whose driver tells everything. */
export function onCard(nowMs: number): View {
  const view = training(nowMs);
  const run = mineOf(view);
  return {
    ...changed(view, {
      facts: { ...run.facts, profile: 'gpt2-250m', mark: null },
      swarm: run.swarm && {
        ...run.swarm,
        peers: run.swarm.peers.map((peer) => ({ ...peer, ready: { round: 40, sequences: 20_000 } })),
      },
      training: run.training && {
        ...run.training,
        ...{ tokensPerSecond: 14_912, innerStep: 318, stepsPerRound: 500, parameters: 254_000_000 },
        ...{
          engine: 'NVIDIA GeForce RTX 3060, vulkan, f16',
          computes: 'gpu',
          backend: 'vulkan',
          context: 1_024,
          microBatch: 8,
        },
        plan: {
          ...{ device: geforce.name, precision: 'f16', policy: 'W14', checkpointing: false },
          ...{ passSequences: 4, waitingBytes: 0, budgetBytes: 11 * GIB },
          bytes: {
            weights: 1_540 * MIB,
            gradient: 970 * MIB,
            optimizer: 1_640 * MIB,
            activations: 3_790 * MIB,
            scratch: 310 * MIB,
          },
        },
      },
    }),
    settings: {
      ...defaultSettings,
      'training.engine': 'gpu',
      'training.device': geforce.key,
      'training.share': 80,
    },
    cards,
    benchmark: { running: null, results: results(nowMs), problem: null },
    machine: { cards: [sensors], cpuWatts: null, gpuWhPerMtoken: 2.76, cpuWhPerMtoken: null },
  };
}

/** The same while it rests: nothing is measured. */
export const onCardPaused = (nowMs: number): View => {
  const { worker, activity } = mineOf(paused(nowMs));
  return { ...changed(onCard(nowMs), { worker, activity }), machine: null };
};

/** Training on the processor, with a card chosen for the next start. */
export const onProcessor = (nowMs: number): View => ({
  ...training(nowMs),
  settings: { ...defaultSettings, 'training.engine': 'gpu', 'training.device': geforce.key },
  cards,
  machine: { cards: [], cpuWatts: 41.7, gpuWhPerMtoken: null, cpuWhPerMtoken: 9.02 },
});
