import { median } from '../../src-shared/reduce/norms.ts';
import type { Ended, Group } from '../net/group.ts';
import { whyNoNetwork } from '../net/ip.ts';
import { residentBytes } from '../net/resident.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import {
  exchangeOf124mS,
  LINK_BITS_PER_S,
  linkBoundS,
  SLOWER_BITS_PER_S,
  VECTOR_BYTES,
  vectorProfile,
} from './vector.ts';
import { lineOf, withGroup } from './vector-group.ts';

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
  const [short, peakBytes] = await withGroup(members, profileAt(members), async (group) => [
    await exchangesOf(group, TRIES),
    await peaks(group),
  ]);
  const long = await withGroup(members, vectorProfile(exchangeOf124mS()), (group) =>
    exchangesOf(group, LONG_TRIES),
  );
  return { short, long, peakBytes };
}

const profileAt = (members: number, bitsPerS = LINK_BITS_PER_S) =>
  vectorProfile(EXCHANGE_OVER_BOUND * linkBoundS(members, bitsPerS));

/**
 * How near members behind 100 Mbit come to what their links can do at best: 2(N-1)/N of the vector over a link, by the
 * time from the word to all until the last one has its average on the disk. The exchange is as long as 1.25 times the
 * bound; the other side is the same with the exchange of the run of 124M. Where most of these lose chunks because the
 * processors are what is short, the same is taken behind slower links.
 */
export async function allReduce(members: keyof typeof held): Promise<Figure> {
  const name = `allreduce-n${members}`;
  const why = await whyNoNetwork();
  if (why !== null) return unmeasured(name, 'of the link', why, held[members]);
  const { short, long } = await measured(members);
  const peer = median(long.map((one) => ratioOf(members, one)));
  const seen = `${listed(members, short)}; with the exchange of 124M ${listed(members, long)}`;
  const whole = wholeOf(short);
  if (whole.length > TRIES / 2)
    return figure(name, median(whole.map((one) => ratioOf(members, one))), 'of the link', {
      ...{ ...held[members], peer, seen },
    });
  const slower = await withGroup(
    members,
    profileAt(members, SLOWER_BITS_PER_S),
    (group) => exchangesOf(group, TRIES),
    lineOf(SLOWER_BITS_PER_S),
  );
  const both = `at ${SLOWER_BITS_PER_S / 1e6} Mbit ${listed(members, slower, SLOWER_BITS_PER_S)}; late chunks at ${LINK_BITS_PER_S / 1e6}: ${seen}`;
  const slowerWhole = wholeOf(slower);
  if (slowerWhole.length <= TRIES / 2) return unmeasured(name, 'of the link', both, held[members]);
  const ratios = slowerWhole.map((one) => ratioOf(members, one, SLOWER_BITS_PER_S));
  return figure(name, median(ratios), 'of the link', { ...held[members], peer, seen: both });
}

/** A round that lost chunks was quicker for it, and is none of these. */
const wholeOf = (tries: readonly Exchanged[]) => tries.filter((one) => one.taken >= TAKEN_AT_LEAST);

const ratioOf = (members: number, { seconds }: Exchanged, bitsPerS = LINK_BITS_PER_S): number =>
  linkBoundS(members, bitsPerS) / seconds;

const listed = (members: number, tries: readonly Exchanged[], bitsPerS = LINK_BITS_PER_S): string =>
  tries
    .map((one) => `${ratioOf(members, one, bitsPerS).toFixed(3)} (taken ${one.taken.toFixed(3)})`)
    .join(' ');

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
