import { DISK_RETRY_LONGEST_MS, SNAPSHOT_COST_SHARE, SNAPSHOT_LEAST_MS } from '../limits.ts';
import { isDiskFull } from './disk.ts';
import { nextSerial, type Replica, turnOver, withBooks, writeLocal } from './replica.ts';

/** Snapshots between the round's boundaries: as often as they are cheap, and never in anybody's way. */

export const isSnapshotDue = (replica: Replica, nowMs: number): boolean => nowMs >= replica.snapshotDueMs;

/** Keeps the local replica as it is now. The caller holds the engine's turn. */
export async function keepLocal(replica: Replica): Promise<void> {
  await withBooks(replica, () => write(replica));
}

/**
 * As `keepLocal`, between two steps and only while nobody else has the books; whoever wants them, or calls
 * `giveUpSnapshot`, ends it. Training waits: the vectors go from the engine to the disk in windows, because a copy of
 * all three would take as much memory as many a computer has. The caller holds the engine's turn.
 */
export async function keepWhileNobodyWaits(replica: Replica): Promise<void> {
  if (replica.books.isTaken) return;
  const given = new AbortController();
  const startedMs = performance.now();
  try {
    replica.giveUpSnapshot = () => given.abort();
    await replica.books.take(() => write(replica, given.signal));
    // By what it took, not by what it should take: a busy disk makes snapshots rare.
    const costMs = performance.now() - startedMs;
    replica.snapshotPauseMs = Math.max(SNAPSHOT_LEAST_MS, costMs / SNAPSHOT_COST_SHARE);
    replica.snapshotDueMs = performance.now() + replica.snapshotPauseMs;
  } catch (thrown) {
    failed(replica, thrown, given.signal);
  } finally {
    replica.giveUpSnapshot = null;
  }
}

/** The snapshot before stays as what a torn one falls back to. */
async function write(replica: Replica, signal?: AbortSignal): Promise<void> {
  const { current } = replica;
  const image = replica.local.image();
  if (!image) return;
  const written = await writeLocal(replica, image, current.standing.id, signal);
  const local = written?.name ?? null;
  // A torn one falls back to what a pending contribution was made from; one on the base before is of no more use.
  const previous = current.pending || current.rebase ? null : current.local;
  const next = { ...current, serial: nextSerial(replica), local, rebase: null, formerly: null, previous };
  await turnOver(replica, next);
}

/** A snapshot that failed must not end training: the one before stays, and the next try comes in its time. */
function failed(replica: Replica, thrown: unknown, given: AbortSignal): void {
  if (given.aborted) return;
  if (!isDiskFull(thrown)) console.error('no snapshot was taken', thrown);
  replica.snapshotDueMs = performance.now() + DISK_RETRY_LONGEST_MS;
}
