import { contributorsFromHex, hasMember } from '../reduce/bitmap.ts';
import type { Roster } from '../rounds/messages.ts';
import type { AverageManifest } from '../spool.ts';
import type { Ss58 } from '../units.ts';

/**
 * Share of each sender's chunks that its reducers took, the lowest reducer left out: one reducer that is slow, or
 * that bears a grudge, costs nobody. Chunks without any result say nothing of their senders.
 * @returns null for who has nothing to send, or where no chunk had a result
 */
export function takenShares(manifest: AverageManifest, roster: Roster): ReadonlyMap<Ss58, number | null> {
  return new Map(
    roster.members.map(({ hotkey, weight }, index) => [
      hotkey,
      weight === 0 ? null : takenShareOf(manifest, index),
    ]),
  );
}

function takenShareOf(manifest: AverageManifest, sender: number): number | null {
  const byReducer = new Map<number, { taken: number; chunks: number }>();
  for (const chunk of manifest.chunks) {
    // What a reducer takes of itself needs no network and proves nothing.
    if (chunk === null || chunk.reducer === sender) continue;
    const sum = byReducer.get(chunk.reducer) ?? { taken: 0, chunks: 0 };
    const took = hasMember(contributorsFromHex(chunk.contributors), sender) ? 1 : 0;
    byReducer.set(chunk.reducer, { taken: sum.taken + took, chunks: sum.chunks + 1 });
  }
  const shares = [...byReducer.values()].sort((a, b) => a.taken / a.chunks - b.taken / b.chunks);
  const counting = shares.length > 1 ? shares.slice(1) : shares;
  if (counting.length === 0) return null;
  const taken = counting.reduce((sum, share) => sum + share.taken, 0);
  return taken / counting.reduce((sum, share) => sum + share.chunks, 0);
}

/**
 * Share of what fell to each reducer that it returned: its own part, and what it returned as a standby, which counts
 * for it and against the chunk's reducer. 1 for who reduces none.
 */
export function returnedShares(manifest: AverageManifest, roster: Roster): ReadonlyMap<Ss58, number> {
  return new Map(
    roster.members.map(({ hotkey, firstChunk, chunkCount }, index) => {
      const isOwn = (chunk: number) => chunk >= firstChunk && chunk < firstChunk + chunkCount;
      let [own, forOthers] = [0, 0];
      for (const [chunk, entry] of manifest.chunks.entries()) {
        if (entry?.reducer !== index) continue;
        if (isOwn(chunk)) own++;
        else forOthers++;
      }
      const fell = chunkCount + forOthers;
      return [hotkey, fell === 0 ? 1 : (own + forOthers) / fell];
    }),
  );
}
