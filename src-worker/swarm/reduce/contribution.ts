import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { sha256 } from '../../../src-node/sha256.ts';
import { chunkLength, chunkStart } from '../../../src-shared/reduce/chunks.ts';
import { bytesPerValue } from '../../../src-shared/reduce/fp16.ts';
import { merkleRoot } from '../../../src-shared/reduce/merkle.ts';
import { contributionManifestSchema, spoolFiles } from '../../../src-shared/spool.ts';
import type { RoundPlan } from './plan.ts';

/** What this member puts into the round: leaf digests, and chunks read from the spool by position. */
export interface Contribution {
  readonly leaves: readonly Uint8Array[];
  readChunk(chunk: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens the contribution that the roster names.
 * @returns null when this member contributes nothing: not a member, weight 0, nothing in the spool, or something else
 * than what was announced (the others would refuse every chunk of it)
 */
export async function openContribution(plan: RoundPlan, folder: string): Promise<Contribution | null> {
  const member = plan.self === null ? undefined : plan.members[plan.self];
  if (!member || member.weight === 0) return null;
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
  return file && contributionOf(plan, file, leaves, bytesPerValue(member.codec));
}

function contributionOf(
  { grid }: RoundPlan,
  file: FileHandle,
  leaves: readonly Uint8Array[],
  valueBytes: number,
): Contribution {
  return {
    leaves,
    async readChunk(chunk) {
      const bytes = new Uint8Array(chunkLength(grid, chunk) * valueBytes);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, chunkStart(grid, chunk) * valueBytes);
      if (bytesRead !== bytes.length) throw new RangeError('contribution shorter than its manifest says');
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
