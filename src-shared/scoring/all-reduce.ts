import type { Roster } from '../rounds/messages.ts';
import type { AverageManifest } from '../spool.ts';
import type { Ss58 } from '../units.ts';

/**
 * Share of each sender's chunks that its reducers took, the lowest reducer left out: one reducer that is slow, or
 * that bears a grudge, costs nobody. Chunks without any result say nothing of their senders.
 * @returns null for who has nothing to send, or where no chunk had a result
 */
export function takenShares(manifest: AverageManifest, roster: Roster): ReadonlyMap<Ss58, number | null> {
  const counts = countTaken(manifest, roster.members.length);
  return new Map(
    roster.members.map(({ hotkey, weight }, index) => [
      hotkey,
      weight === 0 ? null : takenShareOf(counts, index),
    ]),
  );
}

/** By roster index of the reducer: chunks with a result of its own, and of each sender those that are in it. */
interface TakenCounts {
  readonly chunks: Uint32Array;
  /** Of sender i the `chunks.length` numbers from i * `chunks.length` on. */
  readonly taken: Uint32Array;
}

/** One pass over all chunks, whose bitmaps are read as numbers: 64 senders in 16,000 chunks are a million bits. */
function countTaken({ chunks: entries }: AverageManifest, members: number): TakenCounts {
  const chunks = new Uint32Array(members);
  const taken = new Uint32Array(members * members);
  for (const entry of entries) {
    if (entry === null) continue;
    const { reducer, contributors } = entry;
    chunks[reducer]!++;
    const low = Number.parseInt(contributors.slice(8), 16);
    const high = Number.parseInt(contributors.slice(0, 8), 16);
    for (let sender = 0; sender < members; sender++)
      taken[sender * members + reducer]! += ((sender < 32 ? low : high) >>> (sender & 31)) & 1;
  }
  return { chunks, taken };
}

function takenShareOf({ chunks, taken }: TakenCounts, sender: number): number | null {
  const shares = [...chunks.keys()]
    // What a reducer takes of itself needs no network and proves nothing.
    .filter((reducer) => reducer !== sender && chunks[reducer]! > 0)
    .map((reducer) => ({ taken: taken[sender * chunks.length + reducer]!, chunks: chunks[reducer]! }))
    .sort((a, b) => a.taken / a.chunks - b.taken / b.chunks);
  const counting = shares.length > 1 ? shares.slice(1) : shares;
  if (counting.length === 0) return null;
  const sum = counting.reduce((all, share) => all + share.taken, 0);
  return sum / counting.reduce((all, share) => all + share.chunks, 0);
}

/**
 * Share of what fell to each reducer that it returned: its own part, and what it returned as a standby, which counts
 * for it and against the chunk's reducer. 1 for who reduces none.
 */
export function returnedShares(manifest: AverageManifest, roster: Roster): ReadonlyMap<Ss58, number> {
  const own = roster.members.map(() => 0);
  const forOthers = roster.members.map(() => 0);
  for (const [chunk, entry] of manifest.chunks.entries()) {
    const part = entry && roster.members[entry.reducer];
    if (!entry || !part) continue;
    const isOwn = chunk >= part.firstChunk && chunk < part.firstChunk + part.chunkCount;
    (isOwn ? own : forOthers)[entry.reducer]!++;
  }
  return new Map(
    roster.members.map(({ hotkey, chunkCount }, i) => {
      const fell = chunkCount + forOthers[i]!;
      return [hotkey, fell === 0 ? 1 : (own[i]! + forOthers[i]!) / fell];
    }),
  );
}
