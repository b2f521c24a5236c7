import type { Hex } from '../units.ts';
import { resultId } from './ids.ts';
import type { LineageEntry } from './messages.ts';

/** A committed base with its id, as the hash chain from the initial weights gives it. */
export interface CommittedBase {
  readonly round: number;
  readonly id: Hex;
  readonly baseDigest: Hex;
}

/** Longer lists are refused unread: more rounds than a run of years holds. */
export const MAX_LINEAGE = 1_000_000;

/**
 * Follows a list of committed rounds from the initial weights and tells whether it ends at the id that the chain
 * names. Rounds in it were committed, all others void: so whoever gave the list need not be trusted.
 * @returns the bases in order, or null when the list is not the run's
 */
export function verifyLineage(
  entries: readonly LineageEntry[],
  genesis: CommittedBase,
  currentId: Hex,
): readonly CommittedBase[] | null {
  if (entries.length > MAX_LINEAGE) return null;
  const bases: CommittedBase[] = [genesis];
  if (genesis.id === currentId) return bases;
  for (const entry of entries) {
    const { round, baseDigest } = entry;
    const parent = bases.at(-1)!;
    if (round <= parent.round) return null;
    const id = resultId(parent.id, entry);
    bases.push({ round, id, baseDigest });
    // A donor may be a round ahead of the block we read; what stands behind the id we look for is not our affair yet.
    if (id === currentId) return bases;
  }
  return null;
}

/**
 * Adds a committed round to the list; settling the same round twice changes nothing. A list that was lost is not begun
 * in the middle: without what came before it would prove nothing to anybody.
 * @param at.id that the chain committed in that round
 */
export function extendLineage(
  entries: readonly LineageEntry[],
  entry: LineageEntry,
  at: { readonly genesisId: Hex; readonly id: Hex },
): readonly LineageEntry[] {
  const last = entries.at(-1);
  if (!last) return resultId(at.genesisId, entry) === at.id ? [entry] : entries;
  return last.round >= entry.round ? entries : [...entries, entry];
}
