import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Footprint } from '../../src-shared/contract/footprint.ts';
import { type MemoryPlan, planBytes } from '../../src-shared/contract/memory-plan.ts';
import { bytesPerValue, type ValueCodec } from '../../src-shared/reduce/fp16.ts';
import { PROCESS_BYTES } from './limits.ts';

/** What a replica takes of the computer at its most, and what there is of it. */

/** Bases that are held at a time: a settlement has the old and the new one. */
const BASES = 2;

/** Memory of this process at its most, beside the engine's own: bases of 4 bytes a parameter, and the program. */
const replicaRamBytes = (parameters: number): number => BASES * 4 * parameters + PROCESS_BYTES;

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
 * that one included which is being made; two residues; of one who trains four snapshots (the newest, the one before, the
 * one of the contribution, and the one that is being written); in the spool contribution and average of three rounds.
 */
export function diskBytes(parameters: number, { trains, codec }: DiskUse): number {
  const states = 3 * 8 * parameters;
  const residues = 2 * 4 * parameters;
  const snapshots = trains ? 4 * 12 * parameters : 0;
  const spool = 3 * 2 * bytesPerValue(codec) * parameters;
  return states + residues + snapshots + spool;
}

interface DiskUse {
  readonly trains: boolean;
  /** The widest numbers that contributions travel in. */
  readonly codec: ValueCodec;
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
