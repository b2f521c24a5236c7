import type { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import type { Standing } from '../../../src-shared/contract/train.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import type { Slices } from '../slices.ts';
import type { Turns } from '../turns.ts';
import type { VectorSource } from '../vector-source.ts';
import type { Extent } from './algebra.ts';
import { type Current, namedFiles, writeCurrent } from './current.ts';
import type { Disk } from './disk.ts';
import { localName, type StateFolder } from './layout.ts';
import type { Progress } from './progress.ts';
import { type LocalImage, writeSnapshot } from './snapshot.ts';
import type { WrittenState } from './state-file.ts';

/** The local weights, which live in an engine. Whoever calls holds the engine's turn. */
export interface LocalSide {
  /** How far training has come; replaced, never changed. */
  progress: Progress;
  /** The weights as they are while the turn lasts; null for one who does not train: its local weights are the base. */
  weights(): VectorSource | null;
  /**
   * The replica as it is now, to be streamed while the turn lasts: nothing is copied yet.
   * @param parameters these weights with the moments as they are
   * @returns null for one who does not train
   */
  image(parameters?: VectorSource): LocalImage | null;
  /** Other weights, the moments stay. */
  move(parameters: VectorSource): Promise<void>;
  /** Other weights, zero moments, and the rate ramps up again. */
  restart(parameters: VectorSource): Promise<void>;
}

/**
 * A peer's replica of the run: the committed base, what it owes, and what it has offered. `current` is what the disk
 * says; the vectors are what the named files hold, none of them in memory. They are replaced, never changed, so a reader
 * may keep one for as long as its file is named.
 */
export interface Replica {
  readonly consensus: Consensus;
  readonly elements: number;
  /** Chunks of this model to bytes and back. */
  readonly coder: ChunkCoder;
  readonly folder: StateFolder;
  readonly spoolDir: string;
  readonly disk: Disk;
  readonly slices: Slices;
  readonly local: LocalSide;
  /** Serialises whatever writes CURRENT; taken after the engine's turn, never before. */
  readonly books: Turns;
  current: Current;
  /** As long as it is this one, so is the source: whoever compares it knows whether the base moved. */
  base: VectorSource;
  residue: VectorSource | null;
  /** The local weights that the pending contribution was made from; null where there is none or its file is lost. */
  frozen: VectorSource | null;
  /** The prepared state that this process wrote and digested, as its file stood then; null where there is none. */
  written: WrittenState | null;
  /** When the next snapshot is due, on the monotonic clock. */
  snapshotDueMs: number;
  /** From one snapshot to the next, by what the last one cost. */
  snapshotPauseMs: number;
  /** Ends the snapshot that is being written beside training; null while none is. */
  giveUpSnapshot: (() => void) | null;
}

/** The extent of all vectors of this replica. */
export const extentOf = ({ elements, consensus: { codec } }: Replica): Extent => ({
  elements,
  chunkElements: codec.chunkElements,
  residueDecay: codec.residueDecay ?? 1,
});

export function standingOf({ current, folder, elements }: Replica): Standing {
  const { round, id, baseDigest, state } = current.standing;
  return { round, id, baseDigest, state: { path: folder.path(state), sizeBytes: 8 * elements, baseDigest } };
}

/** Whether a state still has its file: two commits later nothing names it. */
export const isKept = ({ current }: Replica, { state }: Current['standing']): boolean =>
  namedFiles(current).includes(state);

export const nextSerial = (replica: Replica): number => replica.current.serial + 1;

/**
 * Runs `work` alone with the books. A snapshot under way gives way: everything that needs the books either writes one
 * of its own or is awaited by the whole group.
 */
export function withBooks<T>(replica: Replica, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  replica.giveUpSnapshot?.();
  return replica.books.take(work, signal);
}

/** The vectors that change together with CURRENT. */
export type Vectors = Partial<Pick<Replica, 'base' | 'residue' | 'frozen'>>;

/** Makes `next` what the disk says and `vectors` what memory holds, then removes what only the predecessor named. */
export async function turnOver(replica: Replica, next: Current, vectors: Vectors = {}): Promise<void> {
  const before = namedFiles(replica.current);
  try {
    await writeCurrent(replica.disk, replica.folder, next);
  } catch (thrown) {
    // It may stand on the disk all the same: what it names must not be written over before another CURRENT stands.
    replica.current = { ...replica.current, serial: next.serial };
    throw thrown;
  }
  if (next.local !== replica.current.local)
    replica.snapshotDueMs = performance.now() + replica.snapshotPauseMs;
  Object.assign(replica, { current: next, ...vectors });
  const kept = new Set(namedFiles(next));
  await discard(
    replica,
    before.filter((name) => !kept.has(name)),
  );
}

/** A file that cannot be removed takes space and nothing else, and the next start removes it: no reason to stop. */
export async function discard(replica: Replica, names: Iterable<string>): Promise<void> {
  for (const name of new Set(names)) await replica.disk.remove(replica.folder.path(name)).catch(() => {});
}

/** A local snapshot under the serial of the CURRENT to come, and the weights in it; null where nobody trains. */
export async function writeLocal(
  replica: Replica,
  image: LocalImage | null,
  baseId: Current['standing']['id'],
  signal?: AbortSignal,
): Promise<{ readonly name: string; readonly parameters: VectorSource } | null> {
  if (!image) return null;
  const name = localName(nextSerial(replica));
  const options = { baseId, ...(signal && { signal }) };
  const parameters = await writeSnapshot(replica.disk, replica.folder.path(name), image, options);
  return { name, parameters };
}
