import { rm } from 'node:fs/promises';
import { expect } from 'vitest';
import type { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import type { CodecId, ResultCodecId } from '../../../src-shared/codec/table.ts';
import type { ReduceReport } from '../../../src-shared/contract/swarm.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { contributorsFromHex, membersOf } from '../../../src-shared/reduce/bitmap.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { ResultsName, ResultsVote } from '../../../src-shared/rounds/messages.ts';
import { Butterfly } from '../../../src-worker/swarm/reduce/butterfly.ts';
import { encodeFrame, type Frame, FrameReader, frameTypes } from '../../../src-worker/swarm/reduce/frames.ts';
import { Listing } from '../../../src-worker/swarm/reduce/listing.ts';
import { Lists } from '../../../src-worker/swarm/reduce/lists.ts';
import { RoundPlan } from '../../../src-worker/swarm/reduce/plan.ts';
import type { SpoolDisk } from '../../../src-worker/swarm/spool-disk.ts';
import { MemoryWorld } from './memory-network.ts';
import { played } from './played-time.ts';
import {
  averageOf,
  type Contributed,
  contribute,
  digestsOf,
  gridOf,
  type MemberTerms,
  meanOf,
  plainDisk,
  readAverage,
  rosterOf,
  type TestMember,
  testConsensus,
  testMember,
  valuesOf,
} from './round.ts';

export const ROUND = 7;
export const ELEMENTS = 12_500;
const opened: Group[] = [];

interface Listed {
  readonly listing: Listing;
  readonly lists: Lists;
  /** Lists of others that it may sign. */
  readonly sound: ResultsVote[];
}
const listings = new WeakMap<Butterfly, Listed>();

/** What a member does about the round's results list. */
export const listingOf = (g: Group, i: number): Listed => listings.get(g.butterflies[i]!)!;

export interface Group {
  readonly world: MemoryWorld;
  readonly members: TestMember[];
  readonly butterflies: Butterfly[];
  readonly puts: (Contributed | null)[];
  readonly consensus: Consensus;
  readonly grid: ChunkGrid;
  readonly terms: readonly MemberTerms[];
}

interface GroupOptions {
  readonly terms?: readonly MemberTerms[];
  readonly reduce?: Partial<Consensus['reduce']>;
  readonly chunkElements?: number;
  readonly elements?: number;
  readonly values?: (member: number) => Float64Array;
  readonly tiers?: readonly CodecId[];
  readonly result?: ResultCodecId;
  readonly disk?: (member: number) => SpoolDisk | undefined;
  /** What a member writes its chunks with; null: as the profile says. */
  readonly coder?: (member: number, grid: ChunkGrid, consensus: Consensus) => ChunkCoder | null;
}

/** Members of one round on a memory network, each with its contribution in its spool. */
export async function group(size: number, options: GroupOptions = {}): Promise<Group> {
  const { elements = ELEMENTS } = options;
  const consensus = withResult(
    options.result ?? 'fp16',
    // Tests of lists that cover little are about other things; what a list must cover has its own.
    testConsensus({ commitShare: 0, ...options.reduce }, options.chunkElements),
  );
  const grid = gridOf(elements, consensus);
  const world = new MemoryWorld();
  const members = await Promise.all(Array.from({ length: size }, (_, i) => testMember(i)));
  const terms = members.map((_, i) => options.terms?.[i] ?? {});
  const values = options.values ?? ((i) => valuesOf(i, elements));
  const puts = await Promise.all(
    members.map((m, i) =>
      contribute(m, { round: ROUND, grid, consensus, codec: options.tiers?.[i] ?? 'fp16' }, values(i)),
    ),
  );
  const parts = { world, members, consensus, grid };
  const butterflies = members.map((_, i) =>
    butterflyOf(parts, i, options.disk?.(i), options.coder?.(i, grid, consensus) ?? undefined),
  );
  const made = { world, members, butterflies, puts, consensus, grid, terms };
  opened.push(made);
  return made;
}

/** A model of which some chunks are embeddings, some are of a matrix and some are of both. */
const withResult = (result: ResultCodecId, consensus: Consensus): Consensus => ({
  ...consensus,
  model: { layers: 1, width: 32, heads: 2, context: 8, vocab: 16 },
  codec: { ...consensus.codec, result },
});

/** A member's node on its spool, new or again. */
export function butterflyOf(
  { world, members, consensus, grid }: Pick<Group, 'world' | 'members' | 'consensus' | 'grid'>,
  i: number,
  disk = plainDisk(),
  coder?: ChunkCoder,
): Butterfly {
  const { hotkey, key, spoolDir } = members[i]!;
  const network = world.join(hotkey, key.publicKey);
  const own = { network, grid, consensus, spoolDir, sign: key.sign, disk, ...(coder && { coder }) };
  const butterfly = new Butterfly({ ...own, onEdges: () => {} });
  const lists = new Lists({
    ...{ network, chunks: grid.chunks, spoolDir, disk },
    mayAsk: (rosterDigest, from) => butterfly.isMember(rosterDigest, from),
  });
  const sound: ResultsVote[] = [];
  listings.set(butterfly, {
    listing: new Listing({ butterfly, lists, signersOf: () => [], onSound: (vote) => sound.push(vote) }),
    lists,
    sound,
  });
  return butterfly;
}

export async function dropGroups(): Promise<void> {
  for (const { butterflies, members } of opened.splice(0)) {
    for (const butterfly of butterflies) await butterfly.stop();
    for (const { spoolDir } of members) await rm(spoolDir, { recursive: true });
  }
}

export const call = (g: Group) => {
  const entries = g.members.map((member, i) => ({ member, put: g.puts[i] ?? null, terms: g.terms[i] ?? {} }));
  return { round: ROUND, slowdown: 1, rosterAgoBlocks: 0, ...rosterOf(ROUND, g.grid, entries) };
};

/** The round as a member sees it. */
export const planOf = (g: Group, i: number): RoundPlan =>
  new RoundPlan({ ...call(g), grid: g.grid, consensus: g.consensus, hotkey: g.members[i]!.hotkey });

export const never = new AbortController().signal;

const all = (g: Group): number[] => g.members.map((_, i) => i);

/** Begins the round for some; time is still to be played. */
export const begin = (g: Group, who = all(g)): Promise<ReduceReport[]> =>
  Promise.all(who.map((i) => g.butterflies[i]!.reduce(call(g), never)));

export const runAll = (g: Group, who = all(g)): Promise<ReduceReport[]> => played(begin(g, who));

/** Everybody takes the list that the first of them composes, as if the witnesses had signed it. */
export async function takeAll(g: Group, who: readonly number[] = all(g)): Promise<ResultsName> {
  const { rosterDigest } = call(g);
  const { resultsDigest } = await played(
    listingOf(g, who[0]!).listing.compose({ round: ROUND, rosterDigest }, never),
  );
  const name = { round: ROUND, rosterDigest, resultsDigest: resultsDigest! };
  await played(Promise.all(who.map((i) => listingOf(g, i).listing.take(name, never))));
  return name;
}

/** Everybody's manifest; checked to agree, and each chunk against the mean of those its bitmap names. */
export async function agreed(g: Group, who: readonly number[] = all(g)) {
  await takeAll(g, who);
  const averages = await Promise.all(who.map((i) => readAverage(g.members[i]!, ROUND)));
  const [first] = averages;
  for (const other of averages) {
    expect(digestsOf(other.manifest)).toEqual(digestsOf(first!.manifest));
    expect(Buffer.compare(other.bytes, first!.bytes)).toBe(0);
  }
  for (const [chunk, entry] of first!.manifest.chunks.entries()) {
    if (!entry) continue;
    const from = membersOf(contributorsFromHex(entry.contributors)).map((i) => ({
      decoded: g.puts[i]!.decoded,
      weight: g.terms[i]!.weight ?? 1,
      clipExponent: g.terms[i]!.clipExponent ?? 0,
    }));
    expect(entry.divisor).toBe(from.reduce((sum, { weight }) => sum + weight, 0));
    expect(averageOf(g.consensus, g.grid, first!, chunk)).toEqual(meanOf(g.consensus, g.grid, chunk, from));
  }
  return first!.manifest;
}

export const contributorsIn = (manifest: Awaited<ReturnType<typeof agreed>>) =>
  manifest.chunks.map((c) => (c ? membersOf(contributorsFromHex(c.contributors)) : null));

/** Changes the answers of a reducer on their way to some. */
export function answers(
  g: Group,
  reducer: number,
  to: readonly number[],
  change: (frame: Frame) => Frame | null,
): void {
  for (const i of to)
    g.world.tamper(g.members[reducer]!.hotkey, g.members[i]!.hotkey, 'reduce', (bytes, deliver) => {
      const [frame] = new FrameReader(g.grid, 'reducer').push(bytes);
      const isAnswer = frame?.type === frameTypes.result || frame?.type === frameTypes.none;
      const isOwn = isAnswer && planOf(g, 0).reducerOf(frame.chunk) === reducer;
      if (!isOwn) return deliver(bytes);
      const changed = change(frame);
      if (changed) deliver(encodeFrame(changed));
    });
}
