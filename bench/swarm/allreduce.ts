import { median } from '../../src-shared/reduce/norms.ts';
import type { Ended, Group } from '../net/group.ts';
import { whyNoNetwork } from '../net/ip.ts';
import { residentBytes } from '../net/resident.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { exchangeOf124mS, linkBoundS, VECTOR_BYTES, vectorProfile } from './vector.ts';
import { withGroup } from './vector-group.ts';

const TRIES = 5;
/** With the exchange of 124M, beside the others. */
const LONG_TRIES = 3;
/** The exchange is this much longer than links need at least. */
const EXCHANGE_OVER_BOUND = 1.25;
/** Of every member's chunks: else something is averaged that is cheaper than the whole. */
const TAKEN_AT_LEAST = 0.999;
const PEAK_OF = 4;

const held = {
  2: { floor: 0.8, goal: 0.9 },
  4: { floor: 0.8, goal: 0.9 },
  8: { floor: 0.7, goal: 0.8 },
} as const;
const peakHeld = { floor: 1, goal: 0.7 } as const;

interface Exchanged {
  readonly seconds: number;
  /** Of the member whose share is the least: how much of it was taken. */
  readonly taken: number;
}

interface Measured {
  readonly short: readonly Exchanged[];
  readonly long: readonly Exchanged[];
  /** Of every member's `swarm`, at the most. */
  readonly peakBytes: readonly number[];
}

const taken = new Map<number, Promise<Measured>>();

/** One run for all figures of a size. */
function measured(members: number): Promise<Measured> {
  const known = taken.get(members) ?? measure(members);
  taken.set(members, known);
  return known;
}

async function measure(members: number): Promise<Measured> {
  const shortS = EXCHANGE_OVER_BOUND * linkBoundS(members);
  const [short, peakBytes] = await withGroup(members, vectorProfile(shortS), async (group) => [
    await exchangesOf(group, TRIES),
    await peaks(group),
  ]);
  const long = await withGroup(members, vectorProfile(exchangeOf124mS()), (group) =>
    exchangesOf(group, LONG_TRIES),
  );
  return { short, long, peakBytes };
}

/**
 * How near members behind 100 Mbit come to what their links can do at best: 2(N-1)/N of the vector over a link, by the
 * time from the word to all until the last one has its average on the disk. The exchange is as long as 1.25 times the
 * bound; the other side is the same with the exchange of the run of 124M.
 */
export async function allReduce(members: keyof typeof held): Promise<Figure> {
  const name = `allreduce-n${members}`;
  const why = await whyNoNetwork();
  if (why !== null) return unmeasured(name, 'of the link', why, held[members]);
  const { short, long } = await measured(members);
  const ratio = ({ seconds }: Exchanged) => linkBoundS(members) / seconds;
  const list = (tries: readonly Exchanged[]) =>
    tries.map((one) => `${ratio(one).toFixed(3)} (taken ${one.taken.toFixed(3)})`).join(' ');
  const seen = `${list(short)}; with the exchange of 124M ${list(long)}`;
  const whole = short.filter((one) => one.taken >= TAKEN_AT_LEAST);
  // A round that lost chunks was quicker for it, and is none of these.
  if (whole.length <= TRIES / 2)
    return unmeasured(name, 'of the link', `late chunks: ${seen}`, held[members]);
  const peer = median(long.map(ratio));
  return figure(name, median(whole.map(ratio)), 'of the link', { ...held[members], peer, seen });
}

/** What `swarm` has in memory at the most with four members, over three parts, the vector, and 150 MB. */
export async function memoryPeak(): Promise<Figure> {
  const why = await whyNoNetwork();
  if (why !== null) return unmeasured('memory-peak', 'of the bound', why, peakHeld);
  const { peakBytes } = await measured(PEAK_OF);
  const boundBytes = (3 * VECTOR_BYTES) / PEAK_OF + VECTOR_BYTES + 150e6;
  const seen = `${peakBytes.map((bytes) => (bytes / 1e6).toFixed(0)).join(' ')} MB`;
  return figure('memory-peak', Math.max(...peakBytes) / boundBytes, 'of the bound', { ...peakHeld, seen });
}

async function exchangesOf(group: Group, tries: number): Promise<Exchanged[]> {
  const done: Exchanged[] = [];
  for (let i = 0; i < tries; i++) done.push(await exchanged(group));
  return done;
}

async function exchanged(group: Group): Promise<Exchanged> {
  await group.prepare();
  const ended = await group.exchange();
  return { seconds: Math.max(...ended.map(({ ms }) => ms)) / 1_000, taken: Math.min(...ended.map(takenOf)) };
}

/** The least share of any member's chunks that are in a member's average, 0 where it lacks some of the average. */
function takenOf({ report }: Ended): number {
  if (!report || report.elementsShare < 1) return 0;
  return Math.min(...report.members.map(({ takenShare }) => takenShare ?? 0));
}

const peaks = (group: Group): Promise<number[]> =>
  Promise.all(
    Array.from({ length: group.size }, async (_, number) => {
      const { most } = await residentBytes(await group.member(number).swarmPid());
      return most;
    }),
  );
