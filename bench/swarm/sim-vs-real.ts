import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StopStack, stopStack } from '../../src-node/stop-stack.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { addressOf } from '../../src-shared/rounds/ss58.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { gridOf, rosterOf, ZERO } from '../../test/src-worker/swarm/round.ts';
import { type Ended, type Group, openGroup } from '../net/group.ts';
import { whyNoNetwork } from '../net/ip.ts';
import { openNetwork } from '../net/network.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { playExchange } from './simulator/exchange.ts';
import { type Concluded, conclude } from './simulator/outcome.ts';

const NAME = 'sim-vs-real';
const HELD = { floor: 0.1, goal: 0.05 } as const;
/** Uplinks of each group in Mbit: slow enough that no processor has a say, the last with one that loses a share. */
const GROUPS = [
  [2, 2],
  [2, 2, 2, 2],
  [2, 2, 2, 2, 2, 2, 2, 2],
  [2, 2, 2, 0.4],
] as const;
const EXCHANGE_BLOCKS = 30;
/** The practice's parameters in 323 chunks instead of 21, so that parts of eight are nearly equal. */
const CHUNK_ELEMENTS = 4_096;
const STEP_MS = 5;
/** What comes in is not held up: no line of the rig takes so much. */
const DOWN_BYTES_PER_S = 1e9;
const LATENCY_MS = 0.1;
const STOP_LIMIT_MS = 60_000;

interface Run {
  readonly ms: number;
  /** Bytes sent and received by all. */
  readonly bytes: number;
  /** Mean share of a member's chunks that was taken. */
  readonly taken: number;
}

/**
 * The simulator against real processes behind shaped lines in one run: the worst relative error of round time, bytes
 * and share of chunks taken, over groups of two to eight.
 */
export async function simVsReal(): Promise<Figure> {
  const why = await whyNoNetwork();
  if (why !== null) return unmeasured(NAME, 'relative error', why, HELD);
  const profile = profileOfBench();
  const seen: string[] = [];
  let worst = 0;
  for (const mbit of GROUPS) {
    const [real, simulated] = [await playReal(mbit, profile), playSimulated(mbit, profile)];
    const errors = (['ms', 'bytes', 'taken'] as const).map((of) => Math.abs(simulated[of] / real[of] - 1));
    worst = Math.max(worst, ...errors);
    seen.push(
      `${mbit.length} at ${[...new Set(mbit)].join(' and ')} Mbit: ${wordsOf(simulated)} for ${wordsOf(real)}`,
    );
  }
  return figure(NAME, worst, 'relative error', { ...HELD, seen: seen.join('; ') });
}

const wordsOf = ({ ms, bytes, taken }: Run): string =>
  `${(ms / 1_000).toFixed(2)} s, ${(bytes / 1e6).toFixed(2)} MB, ${taken.toFixed(3)} taken`;

function profileOfBench(): Profile {
  const key = addressOf(new Uint8Array(32).fill(9));
  const profile = practiceProfile({ witness: key, ownerColdkey: key, endpoint: '', bootstrap: [] });
  const { consensus } = profile;
  return {
    ...profile,
    consensus: {
      ...consensus,
      codec: { ...consensus.codec, chunkElements: CHUNK_ELEMENTS },
      reduce: { ...consensus.reduce, exchangeBlocks: EXCHANGE_BLOCKS },
    },
  };
}

async function playReal(mbit: readonly number[], profile: Profile): Promise<Run> {
  const stops = stopStack({ limitMs: STOP_LIMIT_MS });
  try {
    return await exchangeIn(stops, mbit, profile);
  } finally {
    await stops.stop();
  }
}

async function exchangeIn(stops: StopStack, mbit: readonly number[], profile: Profile): Promise<Run> {
  const home = await mkdtemp(join(tmpdir(), 'bench-sim-'));
  stops.push('folder', () => rm(home, { recursive: true, force: true }));
  const network = await openNetwork(mbit.map((rate) => ({ upBitsPerS: rate * 1e6 })));
  stops.push('network', network.stop);
  const group = await openGroup(network.places, profile, home);
  stops.push('group', group.stop);
  // The first one compiles what it runs, on processors that eight members share, and does not count.
  await exchanged(group);
  const ended = await exchanged(group);
  const ms = Math.max(...ended.map((one) => one.ms));
  const reports = ended.flatMap(({ report }) => report ?? []);
  const bytes = reports.reduce((sum, report) => sum + report.bytesSent + report.bytesReceived, 0);
  return { ms, bytes, taken: meanOf(reports[0]!.members.map(({ takenShare }) => takenShare)) };
}

async function exchanged(group: Group): Promise<readonly Ended[]> {
  await group.prepare();
  return group.exchange();
}

function playSimulated(mbit: readonly number[], { consensus }: Profile): Run {
  const grid = gridOf(parameterCount(consensus.model), consensus);
  const put = { root: ZERO, norm: 1, codec: 'fp16' } as const;
  const { roster } = rosterOf(
    1,
    grid,
    mbit.map((_, i) => ({ put, member: { hotkey: addressOf(new Uint8Array(32).fill(i + 1)) as Ss58 } })),
  );
  const { members } = playExchange({
    ...{ consensus, grid, roster, blockHash: ZERO, losses: [], stepMs: STEP_MS },
    members: mbit.map((rate) => ({
      line: { upBytesPerS: rate * 125_000, downBytesPerS: DOWN_BYTES_PER_S, latencyMs: LATENCY_MS },
      ...{ zeroMs: 0, lie: null },
    })),
  });
  const { overMs, bytes, taken }: Concluded = conclude(members, consensus);
  return {
    ms: Math.max(...overMs.map(Number)),
    bytes: bytes.reduce((sum, one) => sum + one, 0),
    taken: meanOf(taken),
  };
}

const meanOf = (shares: readonly (number | null)[]): number =>
  shares.reduce<number>((sum, share) => sum + (share ?? 0), 0) / shares.length;
