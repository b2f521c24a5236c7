import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { sha256 } from '../../../src-node/sha256.ts';
import { chunkOffsets } from '../../../src-shared/chunk-offsets.ts';
import { merkleRoot } from '../../../src-shared/reduce/merkle.ts';
import { contributionManifestSchema, spoolFiles } from '../../../src-shared/spool.ts';
import type { RoundPlan } from './plan.ts';

/** What this member puts into the round: leaf digests, and chunks read from the spool by position. */
export interface Contribution {
  readonly leaves: readonly Uint8Array[];
  /** @param room bytes left free before the chunk's own */
  readChunk(chunk: number, room?: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens the contribution that the roster names, also of who has no weight in it: validators may look at that one, too.
 * @returns null when this member offers nothing: not a member, nothing in the spool, or something else than what was
 * announced (the others would refuse every chunk of it)
 */
export async function openContribution(
  plan: Pick<RoundPlan, 'self' | 'members' | 'grid' | 'coder'>,
  folder: string,
): Promise<Contribution | null> {
  const member = plan.self === null ? undefined : plan.members[plan.self];
  if (!member) return null;
  const manifest = await readManifest(join(folder, spoolFiles.contributionManifest));
  const fits =
    manifest?.codec === member.codec &&
    manifest.elements === plan.grid.elements &&
    manifest.chunkElements === plan.grid.chunkElements &&
    manifest.leaves.length === plan.grid.chunks;
  if (!fits) return null;
  const leaves = manifest.leaves.map((leaf) => Buffer.from(leaf, 'hex'));
  if (Buffer.from(merkleRoot(leaves, sha256)).toString('hex') !== member.root) return null;
  const file = await open(join(folder, spoolFiles.contribution), 'r').catch(() => null);
  if (!file) return null;
  const fileBytes = await file.stat().then(
    ({ size }) => size,
    () => -1,
  );
  const { grid, coder } = plan;
  const offsets = chunkOffsets(manifest, { grid, coder, fileBytes });
  if (offsets) return contributionOf(file, leaves, offsets);
  await file.close();
  return null;
}

function contributionOf(
  file: FileHandle,
  leaves: readonly Uint8Array[],
  offsets: readonly number[],
): Contribution {
  return {
    leaves,
    async readChunk(chunk, room = 0) {
      const from = offsets[chunk]!;
      const length = offsets[chunk + 1]! - from;
      const bytes = new Uint8Array(room + length);
      const { bytesRead } = await file.read(bytes, room, length, from);
      if (bytesRead !== length) throw new RangeError('contribution shorter than its manifest says');
      return bytes;
    },
    close: () => file.close(),
  };
}

async function readManifest(path: string) {
  try {
    const parsed = v.safeParse(contributionManifestSchema, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
