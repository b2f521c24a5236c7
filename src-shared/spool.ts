import * as v from 'valibot';
import { codecSchema } from './codec/table.ts';
import { count, digest, finite, path } from './contract/fields.ts';

/**
 * The spool: how tensors go between `train` and `swarm`. One folder per round below the data folder, files written
 * to a temporary name, synced and renamed; the JSON manifest is renamed last, so a manifest means complete files.
 * All vectors are the model's flat vector cut into a fixed grid of `chunkElements`; the last chunk may be shorter.
 * Where a chunk lies in its file follows from its codec: the contribution's manifest lists it (chunk-offsets.ts), the
 * average's gives each result the room that it may take at most (ChunkCoder.resultAt).
 */
export const spoolFiles = {
  contribution: 'contribution.bin',
  contributionManifest: 'contribution.json',
  /** The miner's work record of the round: pages, counts, sketches. Its SHA-256 stands in Ready. */
  work: 'work.json',
  average: 'average.bin',
  averageManifest: 'average.json',
} as const;

/** Twelve digits keep folders in order of rounds. */
export const spoolFolder = (round: number): string => round.toString().padStart(12, '0');

export const isSpoolFolder = (name: string): boolean => /^\d{12}$/.test(name);

export const contributionManifestSchema = v.object({
  round: count,
  codec: codecSchema,
  elements: count,
  chunkElements: count,
  /** Merkle root over the SHA-256 of each encoded chunk, and those leaf digests in order. */
  root: digest,
  leaves: v.array(digest),
  /** First byte of each chunk, and behind the last the size of the file. Not there in manifests of before. */
  offsets: v.exactOptional(v.array(count)),
  /** L2 norm of the decoded contribution. */
  norm: finite,
});

/** What came of each chunk: who is in it, by what it was divided, and the SHA-256 of the encoded result. */
export const averagedChunkSchema = v.object({
  /** Index in the roster of who signed it: the chunk's reducer, or its standby. */
  reducer: count,
  /** Bit i set: member i of the roster contributed. 64 bits as 16 hex digits, most significant first. */
  contributors: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  /** Sum of the contributors' integer weights. */
  divisor: count,
  digest,
  /** Bytes of the encoded result. Not there in manifests of before, whose results are as long as they can be. */
  sizeBytes: v.exactOptional(count),
});

export const averageManifestSchema = v.object({
  round: count,
  rosterDigest: digest,
  /** My index in the roster, to find my bit; null for one who only received. */
  self: v.nullable(count),
  elements: count,
  chunkElements: count,
  /** null where no result was had: those elements average 0. */
  chunks: v.array(v.nullable(averagedChunkSchema)),
});

export type ContributionManifest = v.InferOutput<typeof contributionManifestSchema>;
export type AverageManifest = v.InferOutput<typeof averageManifestSchema>;

export const workRecordSchema = v.object({
  round: count,
  hotkey: v.string(),
  /** Pages begun in this round in order, with the SHA-256 of each packed stream and the sequences trained on. */
  pages: v.pipe(v.array(v.object({ index: count, sequences: count, sha256: digest })), v.maxLength(4_096)),
  steps: count,
  /** Distinct sequences trained on. */
  sequences: count,
  /** One sketch per micro-batch of the first inner step, taken at the committed base. */
  sketches: v.pipe(v.array(v.pipe(v.array(finite), v.maxLength(128))), v.maxLength(1_024)),
});

export type WorkRecord = v.InferOutput<typeof workRecordSchema>;

/** A state file as `train` keeps it and `swarm` serves it: base, then outer momentum, float32 little endian. */
export const stateFileSchema = v.object({ path, sizeBytes: count, baseDigest: digest });
