import type { Hex } from '../units.ts';
import type { WitnessRecord } from './record.ts';

/** One witness's slot as the chain's state shows it. `null` record: nothing of this run is in it. */
export interface WitnessEntry {
  /** The chain's own note of the block that wrote the slot. */
  readonly block: number;
  readonly record: WitnessRecord | null;
}

export type Outcome = { readonly kind: 'committed'; readonly id: Hex } | { readonly kind: 'void' };

/** The base that the chain names. `first`: nothing was ever committed, so the initial weights. */
export type NamedBase =
  | { readonly kind: 'committed'; readonly id: Hex }
  | { readonly kind: 'first' }
  | { readonly kind: 'unknown' };

/**
 * What a round came to: the id that more than half of the witnesses' records name as result in the state of the
 * outcome block, else void.
 * @param witnesses how many witnesses there are; the silent ones count too
 */
export function outcomeOf(
  entries: readonly WitnessEntry[],
  witnesses: number,
  at: { readonly round: number; readonly outcomeBlock: number },
): Outcome {
  const votes = entries.flatMap(({ block, record }) =>
    record?.round === at.round && record.resultId !== null && block <= at.outcomeBlock
      ? [record.resultId]
      : [],
  );
  const id = backedByMore(votes, witnesses / 2);
  return id === null ? { kind: 'void' } : { kind: 'committed', id };
}

/** A state as it is asked for the base where no outcome block can be read any more. */
export interface StateClock {
  readonly block: number;
  /** The newest round whose outcome block has passed; -1 for none. */
  readonly newestOutcome: number;
  outcomeBlockOf(round: number): number;
}

/**
 * The base that the witnesses' slots name in one state: the id with standing votes of one round from more than half of
 * them; else the id that more than half name as parent, in records whose round is at least that of every record naming
 * another. Votes and parents never add up: one honest vote that came to nothing and one lie would make a base.
 * @returns unknown where neither is so, unless too few have ever written for anything to have been committed
 */
export function namedBase(entries: readonly WitnessEntry[], witnesses: number, clock: StateClock): NamedBase {
  const half = witnesses / 2;
  const words = entries.flatMap((entry) => wordOf(entry, clock) ?? []);
  const id = standingVote(words, half) ?? namedParent(words, half);
  if (id !== null) return { kind: 'committed', id };
  // A commit takes records of more than half, and a slot that held one is only ever overwritten by another.
  const everWrote = entries.filter(({ record }) => record !== null).length;
  return { kind: everWrote > half ? 'unknown' : 'first' };
}

interface Word {
  readonly says: 'vote' | 'parent';
  readonly round: number;
  readonly id: Hex;
}

/**
 * A result written by its round's outcome block is a standing vote once that has passed, and names no parent. A record
 * without result, or whose outcome block is still to come, names its parent. Late results and rounds beyond the one
 * after the newest passed outcome say nothing.
 */
function wordOf({ block, record }: WitnessEntry, clock: StateClock): Word | null {
  if (!record || record.round > clock.newestOutcome + 1) return null;
  const { round, parentId, resultId } = record;
  const outcomeBlock = clock.outcomeBlockOf(round);
  if (resultId === null || outcomeBlock > clock.block) return { says: 'parent', round, id: parentId };
  return block <= outcomeBlock ? { says: 'vote', round, id: resultId } : null;
}

function standingVote(words: readonly Word[], half: number): Hex | null {
  const votes = words.filter(({ says }) => says === 'vote');
  const rounds = [...new Set(votes.map(({ round }) => round))].sort((a, b) => b - a);
  for (const round of rounds) {
    const ofRound = votes.filter((vote) => vote.round === round);
    const id = backedByMore(
      ofRound.map((vote) => vote.id),
      half,
    );
    if (id !== null) return id;
  }
  return null;
}

function namedParent(words: readonly Word[], half: number): Hex | null {
  const parents = words.filter(({ says }) => says === 'parent');
  const id = backedByMore(
    parents.map((word) => word.id),
    half,
  );
  if (id === null) return null;
  const others = parents.filter((word) => word.id !== id).map(({ round }) => round);
  const recent = parents.filter((word) => word.id === id && others.every((round) => word.round >= round));
  return recent.length > half ? id : null;
}

/** The one id named by more than so many; two cannot be, since each witness has one slot. */
function backedByMore(named: readonly Hex[], than: number): Hex | null {
  const counts = new Map<Hex, number>();
  for (const id of named) counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const [id, count] of counts) if (count > than) return id;
  return null;
}
