import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { earliestOutcome } from '../../src-shared/profile/round-times.ts';
import type { Consensus, Profile } from '../../src-shared/profile/schema.ts';
import { liveProfile } from '../../src-shared/profile/shipped.ts';
import { checksOf } from '../../src-shared/scoring/checks.ts';
import { Slices } from '../../src-worker/train/slices.ts';
import { drawnWeightsDigest } from '../../src-worker/train/state/agreed-weights.ts';
import { familyBytes } from '../net/resident.ts';
import { type OwnChain, startOwnChain } from '../practice/own-chain.ts';
import { agreedRounds, basesOf } from '../practice/own-network.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';

const NAME = 'run-124m';
const HELD = { floor: 1, goal: 1 } as const;
const ROUNDS = 2;
const MEMORY_BYTES = 16e9;
const LOOKED_EVERY_MS = 2_000;

/**
 * Blocks of a second, as many as two processors take for what four members do at once: the first weights before round 0,
 * a step of one sequence, a contribution of 124 million values, its exchange and the new base.
 */
const START_BLOCK = 240;
const TIMES = { ready: 120, roster: 210, exchangeBlocks: 80, fetchBlocks: 10, prepareBlocks: 60 };
const ROUND_BLOCKS = 380;
const END_BLOCKS = 60;

/**
 * Three miners and a validator that train all of gpt2-124m over loopback, each a program of its own: 1 where two rounds
 * in a row leave all four with one base while their processes together stay below 16 GB, else 0.
 */
export async function run124m(): Promise<Figure> {
  if (process.platform !== 'linux')
    return unmeasured(NAME, 'of 1', 'memory of processes is read on Linux alone', HELD);
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-124m-'));
  let chain: OwnChain | undefined;
  try {
    chain = await startOwnChain(folder);
    return await played(chain, join(folder, 'profile.json'));
  } finally {
    await chain?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function played(chain: OwnChain, path: string): Promise<Figure> {
  const written = JSON.parse(await readFile(chain.profilePath, 'utf8')) as Profile;
  await writeFile(path, JSON.stringify({ ...written, consensus: await of124m(written.consensus) }));
  const ending = new AbortController();
  const most = mostBytes(chain, ending.signal);
  try {
    const members = [chain.validator, ...chain.miners].map((name) => chain.join(name, path));
    const limitMs = 1_000 * (START_BLOCK + ROUNDS * ROUND_BLOCKS + END_BLOCKS);
    const said = await Promise.all(members.map((one) => one.said(/^Round \d+ /, ROUNDS, limitMs)));
    const agreed = agreedRounds({ bases: basesOf(said.flat()) });
    ending.abort();
    const bytes = await most;
    const seen = `${agreed} of ${ROUNDS} rounds agreed by all four; ${(bytes / 1e9).toFixed(1)} GB at the most`;
    return figure(NAME, Number(agreed === ROUNDS && bytes < MEMORY_BYTES), 'of 1', { ...HELD, seen });
  } finally {
    ending.abort();
    await most;
  }
}

/** That chain's run with the model of gpt2-124m and its codec: one step of one sequence a round. */
async function of124m(practice: Consensus): Promise<Consensus> {
  const { model, codec } = liveProfile('gpt2-124m').consensus;
  const seed = `butterfly/${NAME}/1`;
  const { exchangeBlocks, fetchBlocks, prepareBlocks, ready, roster } = TIMES;
  const one = { sequencesPerMicroBatch: 1, microBatchesPerStep: 1, maxStepsPerRound: 1 };
  const consensus: Consensus = {
    ...practice,
    name: NAME,
    ...{ model, codec },
    initialWeights: { seed, digest: await drawnWeightsDigest(model, seed, new Slices()) },
    dataset: { kind: 'embedded', manifest: practice.dataset.manifest, pageSequences: 1 },
    inner: { ...practice.inner, ...one },
    clock: {
      ...practice.clock,
      start: { kind: 'block', block: START_BLOCK },
      blocksPerRound: ROUND_BLOCKS,
      ...{ ready, roster },
    },
    reduce: { ...practice.reduce, exchangeBlocks, fetchBlocks, prepareBlocks, slackMs: 5_000 },
    sketches: { ...practice.sketches, checkedMicroBatches: 1 },
    scoreModel: {
      ...practice.scoreModel,
      checks: { ...checksOf(practice.scoreModel), stretchSequences: 1, lookedPerRound: 1 },
    },
  };
  return { ...consensus, clock: { ...consensus.clock, outcome: earliestOutcome(consensus) } };
}

/** What all of their processes have in memory at the most, shared pages counted once. */
async function mostBytes({ running }: OwnChain, signal: AbortSignal): Promise<number> {
  let most = 0;
  while (!signal.aborted) {
    const pids = running.flatMap(({ process: { pid } }) => pid ?? []);
    most = Math.max(most, await familyBytes(pids));
    await sleep(LOOKED_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return most;
}
