import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { liveProfile } from '../../src-shared/profile/shipped.ts';
import { contribute } from '../../src-worker/train/state/contribute.ts';
import { prepare } from '../../src-worker/train/state/prepare.ts';
import type { Replica } from '../../src-worker/train/state/replica.ts';
import { settle } from '../../src-worker/train/state/settle.ts';
import { deliver, learn, leaveAverage, openAt, type Place, ROSTER, work } from './settle-rig.ts';

/**
 * A process of its own, so that its memory is that of a commit and nothing else:
 * `settle-run.ts make|measure PROFILE ROOT WEIGHTS`. `make` leaves a replica that has one round behind it and another
 * to settle; `measure` contributes, prepares and settles, and prints what that took as JSON.
 */

/** What one step of a round took. */
export interface Phase {
  readonly name: 'open' | 'contribute' | 'prepare' | 'settle';
  readonly wallS: number;
  readonly cpuS: number;
  /** Longest time for which nothing else of the process had its turn. */
  readonly stretchMs: number;
}

export interface Measured {
  readonly phases: readonly Phase[];
  readonly elements: number;
  /** Resident at its most, less what the program had before it opened anything. */
  readonly memoryBytes: number;
  /** State and spool together at their most. */
  readonly diskBytes: number;
  /** What the process wrote; 0 where the system does not count. */
  readonly writtenBytes: number;
}

const [mode, profile, root, weights] = process.argv.slice(2) as [
  string,
  'gpt2-124m' | 'gpt2-1.1b',
  string,
  string,
];
const { consensus } = liveProfile(profile);
const elements = parameterCount(consensus.model);
const place: Place = { root, weights };

const offer = (replica: Replica, round: number) =>
  contribute(replica, { round, codec: 'fp16', medianNorm: null }, work(round));

const commit = (replica: Replica, round: number, resultId: Awaited<ReturnType<typeof prepare>>['resultId']) =>
  settle(replica, { round, outcome: 'committed', resultId, drawn: true, medianNorm: 1e6 });

async function make(): Promise<void> {
  const { replica, local } = await openAt(place, consensus);
  await local.restart(replica.base);
  await learn(local, 11);
  await offer(replica, 1);
  await leaveAverage(root, 1, consensus);
  await deliver(root, 1);
  const { resultId } = await prepare(replica, { round: 1, rosterDigest: ROSTER });
  await commit(replica, 1, resultId);
  await learn(local, 22);
  await leaveAverage(root, 2, consensus);
}

async function measure(): Promise<Measured> {
  const before = process.memoryUsage.rss();
  const writtenBefore = await written();
  const phases: Phase[] = [];
  const { replica, peak } = await phase(phases, 'open', () => openAt(place, consensus));
  await phase(phases, 'contribute', () => offer(replica, 2));
  await deliver(root, 2);
  const { resultId } = await phase(phases, 'prepare', () =>
    prepare(replica, { round: 2, rosterDigest: ROSTER }),
  );
  await phase(phases, 'settle', () => commit(replica, 2, resultId));
  return {
    ...{ phases, elements, diskBytes: peak.bytes },
    memoryBytes: process.resourceUsage().maxRSS * 1024 - before,
    writtenBytes: (await written()) - writtenBefore,
  };
}

async function phase<T>(phases: Phase[], name: Phase['name'], act: () => Promise<T>): Promise<T> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [startedMs, cpu] = [performance.now(), process.cpuUsage()];
  const result = await act();
  const { user, system } = process.cpuUsage(cpu);
  const wallS = (performance.now() - startedMs) / 1000;
  delay.disable();
  phases.push({ name, wallS, cpuS: (user + system) / 1e6, stretchMs: delay.max / 1e6 });
  return result;
}

async function written(): Promise<number> {
  const io = await readFile('/proc/self/io', 'utf8').catch(() => '');
  return Number(/^wchar: (\d+)$/m.exec(io)?.[1] ?? 0);
}

if (mode === 'make') await make();
else console.log(JSON.stringify(await measure()));
