import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { sha256, sha256Hex } from '../../../src-node/sha256.ts';
import { chunkOffsets } from '../../../src-shared/chunk-offsets.ts';
import type { CodecId } from '../../../src-shared/codec/table.ts';
import { chunkGrid } from '../../../src-shared/reduce/chunks.ts';
import { rootOfHexLeaves } from '../../../src-shared/reduce/merkle.ts';
import { sumOfSquares } from '../../../src-shared/reduce/norms.ts';
import {
  type ContributionManifest,
  contributionManifestSchema,
  isSpoolFolder,
  spoolFiles,
  spoolFolder,
} from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';
import {
  CONTRIBUTION_MANIFEST_BYTES_PER_CHUNK,
  CURRENT_MAX_BYTES,
  WORK_RECORD_MAX_BYTES,
} from '../limits.ts';
import { windowsOver } from '../vector-source.ts';
import { type Offer, offered, squaresOf } from './algebra.ts';
import { jsonBytes, type Pending, parseJson } from './current.ts';
import { readExactly, readSmall, withFile } from './files.ts';
import { extentOf, type Replica } from './replica.ts';

/** A contribution as it lies in the spool: encoded chunks, work record, and the manifest that makes them count. */

const pathOf = ({ spoolDir }: Replica, round: number, file: string): string =>
  join(spoolDir, spoolFolder(round), file);

/** Makes the round's folder ready for a new contribution: whatever lies there counts no longer. */
export async function clearOffer(replica: Replica, round: number): Promise<void> {
  await replica.disk.makeFolder(join(replica.spoolDir, spoolFolder(round)));
  await replica.disk.remove(pathOf(replica, round, spoolFiles.contributionManifest));
}

/**
 * The outcome of `round` is final: contributions and averages of earlier rounds have done their work, and there would be
 * no room for them beside the old and the new residue. Those of the round stay for audits and for members that come late,
 * and manifests for who reads the history.
 */
export async function forgetEarlier(replica: Replica, round: number): Promise<void> {
  const folders = await readdir(replica.spoolDir).catch(() => []);
  // On Windows one that is still open goes with its folder.
  for (const folder of folders.filter((name) => isSpoolFolder(name) && name < spoolFolder(round)))
    for (const file of [spoolFiles.contribution, spoolFiles.average])
      await replica.disk.remove(join(replica.spoolDir, folder, file)).catch(() => {});
}

/** An offer holds what is no number, or none that float32 has: nothing of it may be sent. */
export class UnsoundOffer extends Error {}

/** Writes the encoded chunks of an offer. @throws {UnsoundOffer} */
export async function writeOffer(replica: Replica, round: number, offer: Offer, codec: CodecId) {
  const { coder } = replica;
  const { chunkElements } = replica.consensus.codec;
  const leaves: Hex[] = [];
  let squares = 0;
  async function* chunks() {
    for await (const { values } of offered(replica.slices, offer, extentOf(replica))) {
      // By the values themselves: a codec makes a large number of what is infinite.
      if (!Number.isFinite(await squaresOf(replica.slices, values))) throw new UnsoundOffer();
      for (const { offset, length } of windowsOver(values.length, chunkElements)) {
        const bytes = coder.encode(codec, leaves.length, values.subarray(offset, offset + length));
        const decoded = coder.decode(codec, leaves.length, bytes);
        if (!decoded) throw new RangeError('a contribution is finite and below the magnitude limit');
        squares += sumOfSquares(decoded);
        leaves.push(sha256Hex(bytes));
        yield bytes;
        await replica.slices.worked(length);
      }
    }
  }
  await replica.disk.write(pathOf(replica, round, spoolFiles.contribution), chunks(), { seal: false });
  return { leaves, norm: Math.sqrt(squares), root: rootOfHexLeaves(leaves, sha256) };
}

export async function writeWork(replica: Replica, round: number, work: Uint8Array): Promise<void> {
  await replica.disk.write(pathOf(replica, round, spoolFiles.work), [work], { seal: false });
}

/** Comes last: from here on the contribution counts. */
export async function writeManifest(replica: Replica, pending: Pending, leaves: Hex[]): Promise<void> {
  const { round, codec, root, norm } = pending;
  const { chunkElements } = replica.consensus.codec;
  const manifest: ContributionManifest = {
    ...{ round, codec, root, leaves, norm },
    ...{ elements: replica.elements, chunkElements },
    offsets: [...replica.coder.offsets(codec)],
  };
  const path = pathOf(replica, round, spoolFiles.contributionManifest);
  await replica.disk.write(path, [jsonBytes(manifest)], { seal: false });
}

/** Whether the spool holds the pending contribution, byte for byte. A file that does not fit is set aside and told. */
export async function holdsOffer(replica: Replica, pending: Pending): Promise<boolean> {
  const manifest = await readManifest(replica, pending.round);
  const checks = [
    [spoolFiles.contributionManifest, async () => manifest !== null && describes(manifest, pending)],
    [spoolFiles.work, () => hasWork(replica, pending)],
    [spoolFiles.contribution, async () => manifest !== null && (await hasLeaves(replica, manifest))],
  ] as const;
  for (const [file, fits] of checks) {
    if (await fits()) continue;
    await replica.disk.setAside(pathOf(replica, pending.round, file));
    return false;
  }
  return true;
}

async function readManifest(replica: Replica, round: number): Promise<ContributionManifest | null> {
  const chunks = Math.ceil(replica.elements / replica.consensus.codec.chunkElements);
  const maxBytes = CURRENT_MAX_BYTES + chunks * CONTRIBUTION_MANIFEST_BYTES_PER_CHUNK;
  const text = await readSmall(pathOf(replica, round, spoolFiles.contributionManifest), maxBytes);
  const parsed = v.safeParse(contributionManifestSchema, parseJson(text ?? ''));
  return parsed.success ? parsed.output : null;
}

/** Leaves of a tree with that root, and nothing else changed. */
const describes = ({ root, norm, leaves }: ContributionManifest, pending: Pending): boolean =>
  root === pending.root &&
  norm === pending.norm &&
  leaves.length > 0 &&
  rootOfHexLeaves(leaves, sha256) === root;

async function hasWork(replica: Replica, { round, workDigest }: Pending): Promise<boolean> {
  const text = await readSmall(pathOf(replica, round, spoolFiles.work), WORK_RECORD_MAX_BYTES);
  return text !== null && sha256Hex(text) === workDigest;
}

async function hasLeaves(replica: Replica, manifest: ContributionManifest): Promise<boolean> {
  const { coder, elements, consensus } = replica;
  const grid = chunkGrid(elements, consensus.codec.chunkElements);
  const path = pathOf(replica, manifest.round, spoolFiles.contribution);
  const fit = await withFile(path, async (file, fileBytes) => {
    const offsets = chunkOffsets(manifest, { grid, coder, fileBytes });
    if (!offsets || manifest.leaves.length !== grid.chunks) return false;
    for (const [k, leaf] of manifest.leaves.entries()) {
      const bytes = await readExactly(file, offsets[k]!, offsets[k + 1]! - offsets[k]!);
      if (sha256Hex(bytes) !== leaf) return false;
    }
    return true;
  });
  return fit ?? false;
}
