import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ed25519Key, ed25519FromSeed } from '../../../src-node/ed25519.ts';
import { sha256, sha256Hex } from '../../../src-node/sha256.ts';
import { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import type { CodecId } from '../../../src-shared/codec/table.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { type ChunkGrid, chunkGrid, chunkLength, chunkStart } from '../../../src-shared/reduce/chunks.ts';
import { rootOfHexLeaves } from '../../../src-shared/reduce/merkle.ts';
import { splitParts } from '../../../src-shared/reduce/parts.ts';
import type { Roster } from '../../../src-shared/rounds/messages.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import {
  type AverageManifest,
  type ContributionManifest,
  spoolFiles,
  spoolFolder,
} from '../../../src-shared/spool.ts';
import { type Hex, hex, type Ss58 } from '../../../src-shared/units.ts';
import { type DiskWatch, SpoolDisk } from '../../../src-worker/swarm/spool-disk.ts';

export const ZERO = hex('0'.repeat(64));

/** The practice profile with an exchange of ten seconds and small chunks. */
export function testConsensus(reduce: Partial<Consensus['reduce']> = {}, chunkElements = 1_024): Consensus {
  const key = addressOf(new Uint8Array(32).fill(9));
  const { consensus } = practiceProfile({
    witness: key,
    ownerColdkey: key,
    endpoint: 'ws://127.0.0.1:1',
    bootstrap: [],
  });
  return {
    ...consensus,
    codec: { ...consensus.codec, chunkElements },
    reduce: {
      ...consensus.reduce,
      exchangeBlocks: 10,
      slackMs: 500,
      ...reduce,
    },
  };
}

export interface TestMember {
  readonly hotkey: Ss58;
  readonly key: Ed25519Key;
  readonly seed: Uint8Array;
  readonly spoolDir: string;
}

export async function testMember(number: number): Promise<TestMember> {
  const seed = new Uint8Array(32).fill(number + 1);
  const hotkey = addressOf(sha256(Uint8Array.of(number)));
  const spoolDir = await mkdtemp(join(tmpdir(), 'butterfly-swarm-'));
  return { hotkey, key: ed25519FromSeed(seed), seed, spoolDir };
}

/** A disk whose notices nobody hears. */
export const plainDisk = (watch?: DiskWatch): SpoolDisk =>
  new SpoolDisk({ notice: () => {}, clearNotice: () => {} }, watch);

/** Reproducible values of the size of pseudo-gradients. */
export function valuesOf(member: number, elements: number): Float64Array {
  const values = new Float64Array(elements);
  let state = Math.imul(member + 1, 0x9e3779b1);
  for (let i = 0; i < elements; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    values[i] = state * 2 ** -38;
  }
  return values;
}

export interface Contributed {
  readonly root: Hex;
  readonly norm: number;
  readonly codec: CodecId;
  /** As everybody decodes it. */
  readonly decoded: Float64Array;
}

/** Writes a contribution into a member's spool, as `train` does. */
export async function contribute(
  member: TestMember,
  at: {
    readonly round: number;
    readonly grid: ChunkGrid;
    readonly consensus: Consensus;
    readonly codec?: CodecId;
  },
  values: Float64Array,
): Promise<Contributed> {
  const { grid, consensus, round, codec = 'fp16' } = at;
  const coder = new ChunkCoder(grid, consensus);
  const chunks = Array.from({ length: grid.chunks }, (_, chunk) => {
    const start = chunkStart(grid, chunk);
    const own = Float32Array.from(values.subarray(start, start + chunkLength(grid, chunk)));
    const encoded = coder.encode(codec, chunk, own);
    return { encoded, decoded: coder.decode(codec, chunk, encoded) ?? own };
  });
  const leaves = chunks.map(({ encoded }) => sha256Hex(encoded));
  const decoded = Float64Array.from(chunks.flatMap((chunk) => [...chunk.decoded]));
  // Who sends values that are none still declares a norm.
  const norm = Math.sqrt(decoded.reduce((sum, x) => sum + (Number.isFinite(x) ? x * x : 0), 0));
  const root = rootOfHexLeaves(leaves, sha256);
  const { elements, chunkElements } = grid;
  const manifest: ContributionManifest = {
    round,
    codec,
    elements,
    chunkElements,
    root,
    leaves,
    offsets: [...coder.offsets(codec)],
    norm,
  };
  const folder = join(member.spoolDir, spoolFolder(round));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, spoolFiles.contribution), Buffer.concat(chunks.map(({ encoded }) => encoded)));
  await writeFile(join(folder, spoolFiles.contributionManifest), JSON.stringify(manifest));
  return { root, norm, codec, decoded };
}

export interface MemberTerms {
  readonly weight?: number;
  readonly clipExponent?: number;
  readonly norm?: number;
  readonly reduces?: boolean;
  /** What is believed of its link: parts follow it. */
  readonly bytesPerS?: number;
}

/** A roster over what members contributed; each reduces an equal part unless its terms say otherwise. */
export function rosterOf(
  round: number,
  grid: ChunkGrid,
  members: readonly {
    readonly member: Pick<TestMember, 'hotkey'>;
    readonly put: Omit<Contributed, 'decoded'> | null;
    readonly terms?: MemberTerms;
  }[],
): { readonly roster: Roster; readonly rosterDigest: Hex; readonly blockHash: Hex } {
  const parts = splitParts(
    grid.chunks,
    members.map(({ terms }) => (terms?.reduces === false ? null : (terms?.bytesPerS ?? 0))),
  );
  const roster: Roster = {
    round,
    baseId: ZERO,
    proposer: members[0]!.member.hotkey,
    medianNorm: 1,
    members: members.map(({ member, put, terms }, i) => ({
      hotkey: member.hotkey,
      codec: put?.codec ?? 'fp16',
      weight: terms?.weight ?? 1,
      clipExponent: terms?.clipExponent ?? 0,
      norm: terms?.norm ?? put?.norm ?? 0,
      root: put?.root ?? ZERO,
      workDigest: ZERO,
      ...parts[i]!,
    })),
  };
  return { roster, rosterDigest: rosterDigest(roster), blockHash: ZERO };
}

export async function readAverage(member: TestMember, round: number) {
  const folder = join(member.spoolDir, spoolFolder(round));
  const manifest = JSON.parse(
    await readFile(join(folder, spoolFiles.averageManifest), 'utf8'),
  ) as AverageManifest;
  const bytes = new Uint8Array(await readFile(join(folder, spoolFiles.average)));
  return { manifest, bytes };
}

/** The digests of all chunks: what members must agree on. */
export const digestsOf = (manifest: AverageManifest): (string | null)[] =>
  manifest.chunks.map((chunk) => chunk?.digest ?? null);

/** The weighted mean of some members over one chunk, as the rules say it. */
export function meanOf(
  consensus: Consensus,
  grid: ChunkGrid,
  chunk: number,
  from: readonly { readonly decoded: Float64Array; readonly weight: number; readonly clipExponent: number }[],
): Float64Array {
  const divisor = from.reduce((sum, { weight }) => sum + weight, 0);
  const sum = Float64Array.from({ length: chunkLength(grid, chunk) }, (_, i) => {
    const at = chunkStart(grid, chunk) + i;
    return from.reduce((s, m) => s + m.decoded[at]! * m.weight * 2 ** -m.clipExponent, 0);
  });
  const coder = new ChunkCoder(grid, consensus);
  return coder.decodeResult(chunk, coder.encodeResult(sum, divisor))!;
}

export function averageOf(
  consensus: Consensus,
  grid: ChunkGrid,
  { bytes, manifest }: Awaited<ReturnType<typeof readAverage>>,
  chunk: number,
): Float64Array {
  const coder = new ChunkCoder(grid, consensus);
  const at = coder.resultAt(chunk);
  return coder.decodeResult(chunk, bytes.subarray(at, at + manifest.chunks[chunk]!.sizeBytes!))!;
}

export const gridOf = (elements: number, consensus: Consensus): ChunkGrid =>
  chunkGrid(elements, consensus.codec.chunkElements);
