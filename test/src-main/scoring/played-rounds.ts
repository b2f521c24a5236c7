import type { GradientCheck } from '../../../src-main/scoring/gradient-check.ts';
import { measureRound } from '../../../src-main/scoring/measure-round.ts';
import type { RoundFindings } from '../../../src-main/scoring/round-findings.ts';
import { type ScoreBook, scoreRound } from '../../../src-main/scoring/score-book.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { contributorsToHex, withMember } from '../../../src-shared/reduce/bitmap.ts';
import type { Receipt, Roster } from '../../../src-shared/rounds/messages.ts';
import { impossibleWork } from '../../../src-shared/scoring/steps.ts';
import { why } from '../../../src-shared/scoring/why.ts';
import type { WorkRecord } from '../../../src-shared/spool.ts';
import { hex, type Ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';
import { digestOf, consensus as ordinary, readyOf, witness } from '../rounds/machine-bench.ts';

/** What a miner does in a round; nothing said is the honest way. */
export interface Conduct {
  readonly sequences?: number;
  /** Says nothing, and is not connected. */
  readonly isAway?: boolean;
  /** Says nothing, and stays connected. */
  readonly isResting?: boolean;
  /** Says that it is ready once the roster is made. */
  readonly isLate?: boolean;
  /** Of those others that reduce: whom it sends its chunks to. */
  readonly sendsTo?: (reducer: number) => boolean;
  /** Chunks that fell to it as a reducer, and that it answers. */
  readonly answers?: number;
  readonly part?: number;
  readonly bytesPerS?: number;
  /** Chunks of others that it answers as their standby. */
  readonly standsIn?: number;
}

/** So many looks at its contributions as it takes to count; all of them helped. */
export const HELPED: readonly boolean[] = Array(8).fill(true);
const PART = 4;
const RATE = 8 * 1024 * 1024;

/** A round as a validator finds it, in which everybody is checked and what is claimed is true. */
export async function found(
  round: number,
  conducts: ReadonlyMap<Ss58, Conduct>,
  over: Partial<RoundFindings> = {},
): Promise<RoundFindings> {
  const chain = fakeChain({ neurons: [witness, ...conducts.keys()].map((hotkey) => ({ hotkey })) });
  const speaks = (conduct: Conduct) => !conduct.isAway && !conduct.isResting;
  const working = [...conducts].filter(([, conduct]) => speaks(conduct));
  const listed = working.filter(([, { isLate }]) => !isLate);
  return {
    round: {
      ...{ round, blockHash: digestOf('block'), outcomeBlock: 100 + 20 * round + 17 },
      ...{ witnesses: [witness], report: null, committed: true },
      readies: working.map(([hotkey, { sequences = 20 }]) => ({ ...readyOf(hotkey, round), sequences })),
      roster: rosterOfParts(round, listed),
    },
    neurons: await chain.metagraph(null, new AbortController().signal),
    validator: witness,
    epochBlocks: 100,
    checks: new Map(
      working.map(([hotkey, { sequences = 20 }]): [Ss58, GradientCheck] => [
        hotkey,
        checkOf(hotkey, sequences),
      ]),
    ),
    receipts: receiptsOf(round, listed),
    manifest: manifestOf(round, listed),
    frauds: new Map(),
    drawsOf: () => HELPED,
    looks: new Map(),
    bound: new Set([...conducts].filter(([, { isAway }]) => !isAway).map(([hotkey]) => hotkey)),
    ...over,
  };
}

/** What a check comes to whose sketches are true, as those of a first step are, whatever else was done. */
function checkOf(hotkey: Ss58, sequences: number): GradientCheck {
  const { inner } = ordinary;
  const record: WorkRecord = {
    ...{ round: 0, hotkey, sequences, steps: inner.maxStepsPerRound },
    pages: Array.from({ length: sequences }, (_, index) => ({
      index,
      sequences: 1,
      sha256: digestOf('page'),
    })),
    sketches: Array.from({ length: inner.microBatchesPerStep }, () => [1]),
  };
  // A claim that a round cannot hold is another test's: it is counted as a round's.
  const reason = impossibleWork(record, ordinary);
  if (reason === 'nothing-trained')
    return { gradient: { value: 0, why: why('work-impossible', { reason }) }, sequences: 0 };
  return { gradient: { value: 1, why: why('recomputed-agree') }, sequences };
}

type Listed = readonly (readonly [Ss58, Conduct])[];

function rosterOfParts(round: number, listed: Listed): Roster {
  let firstChunk = 0;
  const members = listed.map(([hotkey, { part = PART }]) => {
    const { codec, weight, norm, root, workDigest } = readyOf(hotkey, round);
    const member = {
      hotkey,
      codec,
      weight,
      norm,
      root,
      workDigest,
      clipExponent: 0,
      firstChunk,
      chunkCount: part,
    };
    firstChunk += part;
    return member;
  });
  return { round, baseId: digestOf('base'), proposer: witness, members, medianNorm: 1 };
}

function manifestOf(round: number, listed: Listed): RoundFindings['manifest'] {
  const senders = (reducer: number) =>
    listed.reduce(
      (set, [, { sendsTo = () => true }], i) =>
        i === reducer || sendsTo(reducer) ? withMember(set, i) : set,
      0n,
    );
  const left = listed.map(([, { standsIn = 0 }]) => standsIn);
  const chunks = listed.flatMap(([, { part = PART, answers = part }], reducer) =>
    Array.from({ length: part }, (_, chunk) => {
      const standby = chunk < answers ? reducer : left.findIndex((more, i) => i !== reducer && more > 0);
      if (standby < 0) return null;
      if (standby !== reducer) left[standby]!--;
      const contributors = contributorsToHex(senders(standby));
      return { reducer: standby, contributors, divisor: 1, digest: hex('00'.repeat(32)) };
    }),
  );
  const sizes = { self: null, elements: chunks.length, chunkElements: 1 };
  return { round, rosterDigest: hex('00'.repeat(32)), ...sizes, chunks };
}

/** Everybody sends to everybody that it sends to at all, at its own pace. */
const receiptsOf = (round: number, listed: Listed): readonly Receipt[] =>
  listed.flatMap(([from, { sendsTo = () => true, bytesPerS = RATE }]) =>
    listed.flatMap(([to, { bytesPerS: theirs = RATE }], reducer) =>
      from !== to && sendsTo(reducer)
        ? [{ round, from, to, bytes: Math.min(bytesPerS, theirs), durationMs: 1_000, countersigned: true }]
        : [],
    ),
  );

/** Scores rounds one after another, and gives the book behind the last. */
export async function bookAfter(
  rounds: readonly RoundFindings[],
  { consensus = ordinary, book = new Map() }: { consensus?: Consensus; book?: ScoreBook } = {},
): Promise<ScoreBook> {
  let after = book;
  for (const each of rounds) {
    const challenge = async () => ({ value: null, why: why('challenge-not-asked') });
    const scores = await measureRound(consensus, after, each, challenge);
    after = scoreRound(after, consensus, { round: each.round.round, block: each.round.round * 20 }, scores);
  }
  return after;
}
