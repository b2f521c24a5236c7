import { initialWeights } from '../../src-shared/model/initial-weights.ts';
import { outerStageAt } from '../../src-shared/profile/profile.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { outerStep } from '../../src-shared/reduce/outer-step.ts';
import { seeded } from '../chain/seeded.ts';
import { type Arm, type Averaged, PEERS, type Synchronous } from './arms.ts';
import { Averaging } from './averaging.ts';
import { type Replica, replica } from './replica.ts';
import { Windows } from './text.ts';

/** What every run of one comparison has in common. */
export interface Ground {
  readonly consensus: Consensus;
  readonly train: Uint16Array;
  /** Of all peers. */
  readonly tokens: number;
  readonly seed: number;
}

/** A run stands at a model: all tokens seen so far, and the bytes that a peer has sent for them. */
export interface Standing {
  readonly tokens: number;
  readonly sentBytes: number;
  /** The engine whose parameters are the model now. */
  readonly model: Replica;
}

/** Trains an arm, and stands still at each round, or as often in a synchronous run. */
export const runOf = (ground: Ground, arm: Arm): AsyncGenerator<Standing> =>
  arm.kind === 'synchronous' ? synchronousRun(ground, arm) : averagedRun(ground, arm);

/** A peer sends what it does not reduce itself, and as a reducer its part to all others. */
const butterflyBytes = (contributionBytes: number, meanBytes: number): number =>
  ((PEERS - 1) / PEERS) * (contributionBytes + meanBytes);

const F32_BYTES = 4;
/** As often as the averaged runs of 32 steps of two sequences stand still. */
const STEPS_BETWEEN = 32;

async function* synchronousRun(ground: Ground, arm: Synchronous): AsyncGenerator<Standing> {
  const { consensus, train, tokens: of, seed } = ground;
  const model = await replica(consensus.model, arm);
  try {
    const weights = first(ground);
    await model.engine.load(weights);
    const text = new Windows(train, consensus.model.context, seed);
    const stepTokens = arm.sequences * consensus.model.context;
    const stepBytes = butterflyBytes(F32_BYTES * weights.length, F32_BYTES * weights.length);
    let [tokens, sentBytes] = [0, 0];
    for (let step = 1; tokens + stepTokens <= of; step++) {
      await model.step(text.take(arm.sequences), { tokens, of });
      tokens += stepTokens;
      sentBytes += stepBytes;
      if (step % STEPS_BETWEEN === 0) yield { tokens, sentBytes, model };
    }
    yield { tokens, sentBytes, model };
  } finally {
    await model.engine.dispose();
  }
}

async function* averagedRun(ground: Ground, arm: Averaged): AsyncGenerator<Standing> {
  const { consensus, train, tokens: of, seed } = ground;
  const peers = await Promise.all(Array.from({ length: PEERS }, () => replica(consensus.model, arm)));
  try {
    const base = first(ground);
    const momentum = new Float32Array(base.length);
    const averaging = new Averaging(consensus, arm, base.length, PEERS);
    const locals = peers.map(() => new Float32Array(base.length));
    const text = new Windows(train, consensus.model.context, seed);
    const random = seeded(seed + 1);
    const stepTokens = PEERS * arm.sequences * consensus.model.context;
    for (const { engine } of peers) await engine.load(base);
    let [tokens, sentBytes] = [0, 0];
    for (let round = 0; tokens + arm.steps * stepTokens <= of; round++) {
      for (let step = 0; step < arm.steps; step++) {
        for (const peer of peers) await peer.step(text.take(arm.sequences), { tokens, of });
        tokens += stepTokens;
      }
      await Promise.all(peers.map(({ engine }, i) => engine.read('parameters', locals[i]!)));
      for (const local of locals) for (let i = 0; i < base.length; i++) local[i] = base[i]! - local[i]!;
      const present = peers.map(() => random.real() >= arm.absent);
      const { mean, contributionBytes, meanBytes } = averaging.round(locals, present);
      outerStep(base, momentum, mean, outerStageAt({ outer: arm.outer }, round));
      sentBytes += butterflyBytes(contributionBytes, meanBytes);
      for (const { engine } of peers) await engine.write('parameters', base);
      if (arm.shared !== 'none') await shareMoments(peers, arm.shared, base.length);
      yield { tokens, sentBytes, model: peers[0]! };
    }
  } finally {
    await Promise.all(peers.map(({ engine }) => engine.dispose()));
  }
}

async function shareMoments(peers: readonly Replica[], shared: 'v' | 'both', length: number): Promise<void> {
  for (const vector of shared === 'both' ? (['m', 'v'] as const) : (['v'] as const)) {
    const [mean, one] = [new Float32Array(length), new Float32Array(length)];
    for (const { engine } of peers) {
      await engine.read(vector, one);
      for (let i = 0; i < length; i++) mean[i]! += one[i]! / peers.length;
    }
    for (const { engine } of peers) await engine.write(vector, mean);
  }
}

const first = ({ consensus, seed }: Ground): Float32Array =>
  initialWeights(consensus.model, `${consensus.initialWeights.seed}/learning/${seed}`);
