import type { Hex } from '../units.ts';
import type { WitnessRecord } from './record.ts';

/** One witness's slot as the chain's state shows it. `null` record: nothing of this run is in it. */
export interface WitnessEntry {
  /** The chain's own note of the block that wrote the slot. */
  readonly block: number;
  readonly record: WitnessRecord | null;
}

export type Outcome = { readonly kind: 'committed'; readonly id: Hex } | { readonly kind: 'void' };

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
  const votes = new Map<Hex, number>();
  for (const { block, record } of entries) {
    if (record?.round !== at.round || record.resultId === null || block > at.outcomeBlock) continue;
    votes.set(record.resultId, (votes.get(record.resultId) ?? 0) + 1);
  }
  for (const [id, count] of votes) if (count > witnesses / 2) return { kind: 'committed', id };
  return { kind: 'void' };
}

/**
 * The run's current base at a block: the newest id that more than half of the witnesses name as counting result or
 * as parent; null when no id has that, which is so before the first commit. A result counts once its round's outcome
 * block has come and if it was written by then.
 */
export function currentBase(
  entries: readonly WitnessEntry[],
  witnesses: number,
  at: { readonly block: number; readonly outcomeBlockOf: (round: number) => number },
): Hex | null {
  const named = entries.flatMap(({ block, record }) => (record ? [{ block, record }] : []));
  const counting = named.map(({ block, record }) => {
    const limit = at.outcomeBlockOf(record.round);
    const counts = record.resultId !== null && block <= limit && limit <= at.block;
    return { parentId: record.parentId, resultId: counts ? record.resultId : null, round: record.round };
  });
  const votes = new Map<Hex, number>();
  for (const { parentId, resultId } of counting)
    for (const id of new Set([parentId, resultId])) if (id !== null) votes.set(id, (votes.get(id) ?? 0) + 1);
  const backed = [...votes].filter(([, count]) => count > witnesses / 2).map(([id]) => id);
  return backed.find((id) => backed.every((other) => other === id || isNewer(counting, id, other))) ?? null;
}

interface Naming {
  readonly parentId: Hex;
  readonly resultId: Hex | null;
  readonly round: number;
}

/**
 * Two ids backed by more than half share a witness, and its record names one as the parent of the other. What more
 * records say of the pair counts, so that one liar who reverses it is outvoted; a draw falls to the later round.
 */
function isNewer(records: readonly Naming[], id: Hex, other: Hex): boolean {
  const above = records.filter(({ parentId, resultId }) => parentId === other && resultId === id).length;
  const below = records.filter(({ parentId, resultId }) => parentId === id && resultId === other).length;
  if (above !== below) return above > below;
  const difference = lastNamed(records, id) - lastNamed(records, other);
  return difference === 0 ? id < other : difference > 0;
}

/** The last round in which an id is named, as result rather than as parent where both are of one round. */
function lastNamed(records: readonly Naming[], id: Hex): number {
  return Math.max(
    ...records.map(({ parentId, resultId, round }) =>
      resultId === id ? 2 * round + 1 : parentId === id ? 2 * round : -1,
    ),
  );
}
