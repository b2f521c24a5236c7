import { AppError } from '../errors/app-error.ts';
import { type Hex, hex, type Ss58 } from '../units.ts';
import type { Consensus, ModelShape, Profile, ScoreModel } from './schema.ts';

/** ROUNDS section 9 without honesty, which needs the loss effect of a later version: absent by profile, not set to 1. */
const seedScoreModel: ScoreModel = {
  name: 'seed',
  terms: [
    { id: 'identity', label: 'Identity', meaning: 'Registered, and the peer is bound to the hotkey' },
    { id: 'gradient', label: 'Gradient', meaning: 'Recomputed gradients agree with those claimed' },
    { id: 'steps', label: 'Steps', meaning: 'Sequences trained, against the swarm (1 is average)' },
    { id: 'bandwidth', label: 'Bandwidth', meaning: 'Time to move 8 MiB, against the limit' },
    { id: 'allReduce', label: 'All-reduce', meaning: 'Share of your parts that reached the average' },
  ],
  gates: ['identity', 'gradient'],
  parts: [
    { term: 'steps', weight: 0.5 },
    { term: 'bandwidth', weight: 0.25 },
    { term: 'allReduce', weight: 0.25 },
  ],
  gradientThreshold: 0.75,
  bandwidth: { bytes: 8 * 1024 * 1024, timeLimitMs: 30_000, latencyLimitMs: 500, minCounterparties: 5 },
  movingAverage: 0.3,
};

/** What all shipped profiles have in common; the GPT-2 runs are written for FineWeb and a 12 s chain. */
function gpt2Consensus(name: string, model: ModelShape): Consensus {
  return {
    format: 1,
    name,
    predecessor: null,
    chain: { netuid: 38, identity: { name: 'Distributed Training', ownerColdkey: null } },
    model,
    initialWeights: { seed: `butterfly/${name}/1`, digest: null },
    tokenizer: 'gpt2',
    dataset: {
      kind: 'hub',
      id: 'HuggingFaceFW/fineweb',
      revision: 'main',
      path: 'sample/350BT',
      column: 'text',
      manifest: null,
    },
    inner: {
      sequencesPerMicroBatch: 4,
      microBatchesPerStep: 16,
      lr: 4e-4,
      beta1: 0.9,
      beta2: 0.95,
      eps: 1e-8,
      weightDecay: 0.1,
      clip: 1,
      warmupTokens: 50_000_000,
      maxStepsPerRound: 500,
    },
    outer: [
      { fromRound: 0, lr: 1, momentum: 0 },
      { fromRound: 12, lr: 0.7, momentum: 0.8 },
    ],
    clock: {
      start: { kind: 'first-emission' },
      blockMs: 12_000,
      blocksPerRound: 750,
      ready: 640,
      roster: 650,
      outcome: 720,
      finalityLag: 5,
    },
    group: { minMembers: 3, maxMembers: 64, minColdkeys: 2, silentProposerBlocks: 2 },
    codec: {
      tiers: ['fp16'],
      result: 'fp16',
      fp16Shift: 8,
      unitExponent: 32,
      chunkElements: 65_536,
      pieceBytes: 1_048_576,
    },
    reduce: {
      quorumShare: 0.8,
      softDeadlineMs: 1_500,
      hardDeadlineMs: 600_000,
      silentAfterMs: 3_000,
      commitShare: 0.9,
    },
    witnesses: { kind: 'by-stake', count: 3 },
    sketches: { projections: 16, checkedMicroBatches: 10 },
    scoreModel: seedScoreModel,
  };
}

/** Settings measured over 51 runs of this model; see docs/decisions for the choice of plain averaging at first. */
const practiceConsensus = (): Consensus => ({
  ...gpt2Consensus('practice', { layers: 4, width: 128, heads: 2, context: 64, vocab: 4096 }),
  chain: { netuid: 38, identity: { name: 'Butterfly practice', ownerColdkey: null } },
  tokenizer: 'practice-4096',
  initialWeights: {
    seed: 'butterfly/practice/1',
    digest: hex('9cf79c79f3af335cdb204bb8f360530851d8de76adbacdec709cd7ba877b5db2'),
  },
  dataset: {
    kind: 'embedded',
    manifest: hex('3a8e5f7a8a1ded7c9ef32038a5ef24a9a0e5a44134efe080ff89bd217eb9a3f0'),
    pageSequences: 64,
  },
  inner: {
    sequencesPerMicroBatch: 1,
    microBatchesPerStep: 2,
    lr: 1e-3,
    beta1: 0.9,
    beta2: 0.99,
    eps: 1e-8,
    weightDecay: 0.1,
    clip: 1,
    warmupTokens: 15_000,
    maxStepsPerRound: 64,
  },
  clock: {
    start: { kind: 'first-emission' },
    blockMs: 1_000,
    blocksPerRound: 20,
    ready: 12,
    roster: 13,
    outcome: 17,
    finalityLag: 1,
  },
  group: { minMembers: 3, maxMembers: 64, minColdkeys: 1, silentProposerBlocks: 1 },
  reduce: {
    quorumShare: 0.8,
    softDeadlineMs: 1_000,
    hardDeadlineMs: 3_000,
    silentAfterMs: 2_000,
    commitShare: 0.9,
  },
});

/** What all practices share, whatever their chains: name, model, tokenizer, codec. */
export const practiceModel = (): Pick<Consensus, 'name' | 'model' | 'tokenizer' | 'codec'> =>
  practiceConsensus();

/**
 * The practice profile of one practice chain: its witness and owner are keys made on this machine.
 * @param at.genesis of a chain that others join; a practice, whose keys nobody else has, needs none
 */
export function practiceProfile(at: {
  witness: Ss58;
  ownerColdkey: Ss58;
  genesis?: Hex;
  endpoint: string;
  bootstrap: string[];
}): Profile {
  const base = practiceConsensus();
  return {
    consensus: {
      ...base,
      chain: {
        ...base.chain,
        ...(at.genesis === undefined ? {} : { genesis: at.genesis }),
        identity: { ...base.chain.identity, ownerColdkey: at.ownerColdkey },
      },
      witnesses: { kind: 'hotkeys', hotkeys: [at.witness] },
    },
    local: { endpoints: [at.endpoint], bootstrap: at.bootstrap, mark: 'PRACTICE' },
  };
}

const finney = 'wss://entrypoint-finney.opentensor.ai:443';
const padded = { context: 1024, vocab: 50_304 };

const liveProfiles: Readonly<Record<string, () => Consensus>> = {
  'gpt2-124m': () => gpt2Consensus('gpt2-124m', { layers: 12, width: 768, heads: 12, ...padded }),
  'gpt2-250m': () => gpt2Consensus('gpt2-250m', { layers: 16, width: 1024, heads: 16, ...padded }),
  'gpt2-1.1b': () => gpt2Consensus('gpt2-1.1b', { layers: 22, width: 1920, heads: 30, ...padded }),
};

/** What comes with Butterfly, the smallest model first. The practice's is without the keys of any practice. */
export const shippedConsensus = (): readonly Consensus[] => [
  practiceConsensus(),
  ...Object.values(liveProfiles).map((make) => make()),
];

/** The practice is none of them: each practice chain has its own, by its keys. */
export const shippedProfileNames: readonly string[] = Object.keys(liveProfiles);

/** @throws {AppError} PROFILE_UNKNOWN, PROFILE_IS_PRACTICE */
export function liveProfile(name: string): Profile {
  if (name === 'practice') throw new AppError('PROFILE_IS_PRACTICE');
  const consensus = Object.hasOwn(liveProfiles, name) ? liveProfiles[name] : undefined;
  if (!consensus) throw new AppError('PROFILE_UNKNOWN', { name, known: shippedProfileNames.join(', ') });
  return { consensus: consensus(), local: { endpoints: [finney], bootstrap: [], mark: null } };
}
