import { join } from 'node:path';
import * as v from 'valibot';
import { sha256, sha256Hex } from '../../../src-node/sha256.ts';
import {
  bytesPerValue,
  decodeValues,
  encodeValues,
  sumOfSquares,
  type ValueCodec,
} from '../../../src-shared/reduce/fp16.ts';
import { rootOfHexLeaves } from '../../../src-shared/reduce/merkle.ts';
import {
  type ContributionManifest,
  contributionManifestSchema,
  spoolFiles,
  spoolFolder,
} from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';
import {
  CONTRIBUTION_MANIFEST_BYTES_PER_CHUNK,
  CURRENT_MAX_BYTES,
  WORK_RECORD_MAX_BYTES,
} from '../limits.ts';
import { type Offer, offered } from './algebra.ts';
import { jsonBytes, type Pending, parseJson } from './current.ts';
import { readExactly, readSmall, withFile } from './files.ts';
import type { Replica } from './replica.ts';
import { windowsOver } from './vector-source.ts';

/** A contribution as it lies in the spool: encoded chunks, work record, and the manifest that makes them count. */

const pathOf = ({ spoolDir }: Replica, round: number, file: string): string =>
  join(spoolDir, spoolFolder(round), file);

/** Makes the round's folder ready for a new contribution: whatever lies there counts no longer. */
export async function clearOffer(replica: Replica, round: number): Promise<void> {
  await replica.disk.makeFolder(join(replica.spoolDir, spoolFolder(round)));
  await replica.disk.remove(pathOf(replica, round, spoolFiles.contributionManifest));
}

/** Writes the encoded chunks of an offer. */
export async function writeOffer(replica: Replica, round: number, offer: Offer, codec: ValueCodec) {
  const { elements, consensus } = replica;
  const { codec: settings } = consensus;
  const { chunkElements } = settings;
  const leaves: Hex[] = [];
  let squares = 0;
  async function* chunks() {
    for await (const { values } of offered(replica.slices, offer, { elements, chunkElements }))
      for (const { offset, length } of windowsOver(values.length, chunkElements)) {
        const bytes = encodeValues(codec, values.subarray(offset, offset + length), settings);
        const decoded = decodeValues(codec, bytes, settings);
        if (!decoded) throw new RangeError('a contribution is finite and below the magnitude limit');
        squares += sumOfSquares(decoded);
        leaves.push(sha256Hex(bytes));
        yield bytes;
        await replica.slices.worked(length);
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

async function hasLeaves(replica: Replica, { round, codec, leaves }: ContributionManifest): Promise<boolean> {
  const chunkBytes = replica.consensus.codec.chunkElements * bytesPerValue(codec);
  const fit = await withFile(pathOf(replica, round, spoolFiles.contribution), async (file, sizeBytes) => {
    if (sizeBytes !== replica.elements * bytesPerValue(codec)) return false;
    for (const [k, leaf] of leaves.entries()) {
      const at = k * chunkBytes;
      if (at >= sizeBytes) return false;
      const bytes = await readExactly(file, at, Math.min(chunkBytes, sizeBytes - at));
      if (sha256Hex(bytes) !== leaf) return false;
    }
    return leaves.length * chunkBytes >= sizeBytes;
  });
  return fit ?? false;
}
