import { AppError } from '../errors/app-error.ts';
import { DEFAULT_CHECKS } from '../scoring/checks.ts';
import { type Hex, hex, type Ss58 } from '../units.ts';
import type { Consensus, ModelShape, Profile, ScoreModel } from './schema.ts';

/** ROUNDS section 9. */
const seedScoreModel: ScoreModel = {
  name: 'seed',
  terms: [
    { id: 'identity', label: 'Identity', meaning: 'Registered, and the peer is bound to the hotkey' },
    { id: 'gradient', label: 'Gradient', meaning: 'Recomputed gradients agree with those claimed' },
    { id: 'steps', label: 'Steps', meaning: 'Sequences trained, against the swarm (1 is average)' },
    { id: 'bandwidth', label: 'Bandwidth', meaning: 'Time to move 8 MiB, against the limit' },
    { id: 'allReduce', label: 'All-reduce', meaning: 'Share of your parts that reached the average' },
    { id: 'honesty', label: 'Honesty', meaning: 'What it sends helps its own text' },
  ],
  gates: ['identity', 'gradient', 'honesty'],
  parts: [
    { term: 'steps', weight: 0.5 },
    { term: 'bandwidth', weight: 0.25 },
    { term: 'allReduce', weight: 0.25 },
  ],
  gradientThreshold: 0.75,
  bandwidth: { bytes: 8 * 1024 * 1024, timeLimitMs: 30_000, latencyLimitMs: 500, minCounterparties: 5 },
  movingAverage: 0.3,
  checks: DEFAULT_CHECKS,
};

/** What a model's size decides of a round, in blocks of 12 s. */
type RoundTimes = Pick<Consensus['clock'], 'ready' | 'roster'> &
  Pick<Consensus['reduce'], 'exchangeBlocks' | 'prepareBlocks'>;

/** A member goes down these tiers as its uplink asks for (`rounds/tier.ts`). */
const gpt2Codec: Consensus['codec'] = {
  tiers: ['fp16', 'int8', 'int4', 'sparse'],
  result: 'fp16',
  fp16Shift: 8,
  unitExponent: 32,
  chunkElements: 65_536,
  pieceBytes: 1_048_576,
};

/** What all shipped profiles have in common; the GPT-2 runs are written for FineWeb and a 12 s chain. */
function gpt2Consensus(name: string, model: ModelShape, times: RoundTimes): Consensus {
  const { ready, roster, exchangeBlocks, prepareBlocks } = times;
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
      ready,
      roster,
      outcome: 720,
      finalityLag: 5,
    },
    group: { minMembers: 3, maxMembers: 64, minColdkeys: 2, silentProposerBlocks: 2 },
    codec: gpt2Codec,
    reduce: {
      exchangeBlocks,
      silentListBlocks: 2,
      fetchBlocks: 10,
      prepareBlocks,
      slackMs: 10_000,
      commitShare: 0.9,
    },
    witnesses: { kind: 'by-stake', count: 3 },
    sketches: { projections: 16, checkedMicroBatches: 10 },
    scoreModel: seedScoreModel,
  };
}

const timesOf124M: RoundTimes = { ready: 630, roster: 640, exchangeBlocks: 40, prepareBlocks: 5 };

/** Few miners and short rounds: each miner is looked at in each round that allows it. */
const practiceChecks = { ...DEFAULT_CHECKS, everyRounds: 4 };

/** Settings measured over 51 runs of this model; see docs/decisions for the choice of plain averaging at first. */
const practiceConsensus = (): Consensus => ({
  ...gpt2Consensus('practice', { layers: 4, width: 128, heads: 2, context: 64, vocab: 4096 }, timesOf124M),
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
    ready: 11,
    roster: 12,
    outcome: 17,
    finalityLag: 1,
  },
  group: { minMembers: 3, maxMembers: 64, minColdkeys: 1, silentProposerBlocks: 1 },
  // All on one computer, where no uplink is slow.
  codec: { ...gpt2Codec, tiers: ['fp16'] },
  reduce: {
    exchangeBlocks: 2,
    silentListBlocks: 1,
    fetchBlocks: 0,
    prepareBlocks: 0,
    slackMs: 500,
    commitShare: 0.9,
  },
  scoreModel: { ...seedScoreModel, checks: practiceChecks },
});

/** What all practices share, whatever their chains: name, model, tokenizer, codec. */
export const practiceModel = (): Pick<Consensus, 'name' | 'model' | 'tokenizer' | 'codec'> =>
  practiceConsensus();

/** Of a practice with three witnesses (round-times.ts). */
const clockOfThree = { outcome: 21, blocksPerRound: 24 };

/**
 * The practice profile of one practice chain: its witness and owner are keys made on this machine.
 * @param at.genesis of a chain that others join; a practice, whose keys nobody else has, needs none
 */
export function practiceProfile(at: {
  witness: Ss58;
  /** Where a practice has more than one. */
  otherWitnesses?: readonly Ss58[];
  ownerColdkey: Ss58;
  genesis?: Hex;
  endpoint: string;
  bootstrap: string[];
}): Profile {
  const base = practiceConsensus();
  const { otherWitnesses = [] } = at;
  return {
    consensus: {
      ...base,
      // Each of them may be silent for a block, with the roster and with the list of results.
      ...(otherWitnesses.length > 0 && { clock: { ...base.clock, ...clockOfThree } }),
      chain: {
        ...base.chain,
        ...(at.genesis === undefined ? {} : { genesis: at.genesis }),
        identity: { ...base.chain.identity, ownerColdkey: at.ownerColdkey },
      },
      witnesses: { kind: 'hotkeys', hotkeys: [at.witness, ...otherWitnesses] },
    },
    local: { endpoints: [at.endpoint], bootstrap: at.bootstrap, mark: 'PRACTICE' },
  };
}

const finney = 'wss://entrypoint-finney.opentensor.ai:443';
const padded = { context: 1024, vocab: 50_304 };

const liveProfiles: Readonly<Record<string, () => Consensus>> = {
  'gpt2-124m': () =>
    gpt2Consensus('gpt2-124m', { layers: 12, width: 768, heads: 12, ...padded }, timesOf124M),
  'gpt2-250m': () =>
    gpt2Consensus(
      'gpt2-250m',
      { layers: 16, width: 1024, heads: 16, ...padded },
      {
        ...timesOf124M,
        prepareBlocks: 8,
      },
    ),
  'gpt2-1.1b': () => ({
    ...gpt2Consensus(
      'gpt2-1.1b',
      { layers: 22, width: 1920, heads: 30, ...padded },
      {
        ready: 615,
        roster: 630,
        exchangeBlocks: 50,
        prepareBlocks: 15,
      },
    ),
    // The mean of 2.1 GB in fp16 would be most of what a home receives.
    codec: { ...gpt2Codec, result: 'int8' },
  }),
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
