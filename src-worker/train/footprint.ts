import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type CodecId, type ResultCodecId, resultCodecs, valueCodecs } from '../../src-shared/codec/table.ts';
import type { Footprint } from '../../src-shared/contract/footprint.ts';
import { type MemoryPlan, planBytes } from '../../src-shared/contract/memory-plan.ts';
import { PROCESS_BYTES } from './limits.ts';

/** What a replica takes of the computer at its most, and what there is of it. */

/**
 * Memory of this process at its most, beside the engine's own: one vector of 4 bytes a parameter (the first weights when
 * they are drawn, later the base while it writes text), and the program. What a round needs passes by in windows.
 */
const replicaRamBytes = (parameters: number): number => 4 * parameters + PROCESS_BYTES;

/** What an engine may take of it beside that; null where nobody can tell. */
export const ramBeside = (freeRamBytes: number | null, parameters: number): number | null =>
  freeRamBytes === null ? null : Math.max(0, freeRamBytes - replicaRamBytes(parameters));

/** The same with what the engine holds in the computer's memory. */
export function ramBytes(parameters: number, plan: MemoryPlan | null, isOnProcessor: boolean): number {
  const held = plan && isOnProcessor ? planBytes(plan) : 0;
  return replicaRamBytes(parameters) + held + (plan?.waitingBytes ?? 0);
}

/**
 * Room on the disk that state folder and spool take at their most (state/layout.ts): three states of base and momentum,
 * that one included which is being made (of one who trains two, but where it did not contribute to the last round and
 * has no snapshot since: then it has one snapshot alone); two residues; of one who trains three snapshots (the newest, the
 * one that it counts from or falls back to, and the one that is being written); in the spool contribution and average of
 * three rounds.
 */
export function diskBytes(parameters: number, { trains, codec }: DiskUse): number {
  const states = (trains ? 2 : 3) * 8 * parameters;
  const residues = 2 * 3 * parameters;
  const snapshots = trains ? 3 * 12 * parameters : 0;
  const contribution = Math.max(...codec.tiers.map((tier) => valueCodecs[tier].bytes(parameters)));
  const spool = 3 * (contribution + resultCodecs[codec.result].maxBytes(parameters));
  return states + residues + snapshots + spool;
}

interface DiskUse {
  readonly trains: boolean;
  /** What contributions and results travel in; the widest counts. */
  readonly codec: { readonly tiers: readonly CodecId[]; readonly result: ResultCodecId };
}

/**
 * Room on the disk of a folder, and what files in folders take of it already.
 * @returns null where the system does not tell
 */
export async function roomFor(
  folder: string,
  folders: readonly string[],
): Promise<{ readonly freeBytes: number; readonly takenBytes: number } | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    const taken = await Promise.all(folders.map(bytesIn));
    return { freeBytes: bavail * bsize, takenBytes: taken.reduce((sum, bytes) => sum + bytes, 0) };
  } catch (thrown) {
    console.error('how much room there is on the disk', thrown);
    return null;
  }
}

/** Of all files in a folder and the folders in it; those that go meanwhile take nothing. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesIn(path);
    else if (entry.isFile()) bytes += (await stat(path).catch(() => null))?.size ?? 0;
  }
  return bytes;
}

export interface FootprintRequest extends DiskUse {
  readonly parameters: number;
  readonly plan: MemoryPlan | null;
  readonly isOnProcessor: boolean;
  /** What could be had before the engine was made; null: nobody can tell. */
  readonly freeRamBytes: number | null;
  readonly stateDir: string;
  readonly spoolDir: string;
  /** Where fetched text is kept, on the same disk, and how much of it; left out where none is. */
  readonly text?: { readonly dir: string; readonly quotaBytes: number } | undefined;
}

/** What a run will take of the computer, with what there is. */
export async function footprintOf(asked: FootprintRequest): Promise<Footprint> {
  const { parameters, plan, isOnProcessor, freeRamBytes, stateDir, spoolDir, text } = asked;
  const room = await roomFor(stateDir, [stateDir, spoolDir]);
  const stateBytes = Math.max(0, diskBytes(parameters, asked) - (room?.takenBytes ?? 0));
  // Weighed by itself: more text than may be kept is no room that states could have.
  const textBytes = text ? Math.max(0, text.quotaBytes - (await bytesIn(text.dir))) : 0;
  return {
    ram: { bytes: ramBytes(parameters, plan, isOnProcessor), freeBytes: freeRamBytes },
    disk: { bytes: stateBytes + textBytes, freeBytes: room?.freeBytes ?? null },
  };
}
