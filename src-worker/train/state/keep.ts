import { DISK_RETRY_LONGEST_MS, SNAPSHOT_COST_SHARE, SNAPSHOT_LEAST_MS } from '../limits.ts';
import { isDiskFull } from './disk.ts';
import { nextSerial, type Replica, turnOver, withBooks, writeLocal } from './replica.ts';
import type { LocalImage } from './snapshot.ts';

/** Snapshots between the round's boundaries: as often as they are cheap, and never in anybody's way. */

export const isSnapshotDue = (replica: Replica, nowMs: number): boolean => nowMs >= replica.snapshotDueMs;

/** Keeps the local replica as it is now. The caller holds the engine's turn. */
export async function keepLocal(replica: Replica): Promise<void> {
  await withBooks(replica, async () => {
    const image = await replica.local.capture();
    if (image) await write(replica, image);
  });
}

/**
 * As `keepLocal`, but resolves once the local weights are copied, which takes less than the inner step that has just
 * moved as many bytes several times; the file is written while training goes on. Nothing is done while the books are
 * taken. The caller holds the engine's turn until this resolves.
 */
export async function keepBesides(replica: Replica): Promise<void> {
  if (replica.books.isTaken) return;
  const isCaptured = Promise.withResolvers<void>();
  const given = new AbortController();
  const startedMs = performance.now();
  const written = replica.books.take(async () => {
    replica.giveUpSnapshot = () => given.abort();
    const image = await replica.local.capture();
    isCaptured.resolve();
    if (image) await write(replica, image, given.signal);
    // By what it took, not by what it should take: a busy disk makes snapshots rare.
    const costMs = performance.now() - startedMs;
    replica.snapshotPauseMs = Math.max(SNAPSHOT_LEAST_MS, costMs / SNAPSHOT_COST_SHARE);
    replica.snapshotDueMs = performance.now() + replica.snapshotPauseMs;
  });
  written
    .catch((thrown: unknown) => failed(replica, thrown, given.signal))
    .finally(() => {
      replica.giveUpSnapshot = null;
      isCaptured.resolve();
    });
  await isCaptured.promise;
}

/** The snapshot before stays as what a torn one falls back to. */
async function write(replica: Replica, image: LocalImage, signal?: AbortSignal): Promise<void> {
  const { current } = replica;
  const local = await writeLocal(replica, image, current.standing.id, signal);
  await turnOver(replica, { ...current, serial: nextSerial(replica), local, previous: current.local });
}

/** A snapshot that failed must not end training: the one before stays, and the next try comes in its time. */
function failed(replica: Replica, thrown: unknown, given: AbortSignal): void {
  if (given.aborted) return;
  if (!isDiskFull(thrown)) console.error('no snapshot was taken', thrown);
  replica.snapshotDueMs = performance.now() + DISK_RETRY_LONGEST_MS;
}
