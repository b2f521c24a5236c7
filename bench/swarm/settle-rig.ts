import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAll, writeAt } from '../../src-node/durable.ts';
import { sha256Hex } from '../../src-node/sha256.ts';
import { ChunkCoder } from '../../src-shared/codec/chunk-coder.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { chunkGrid, chunkLength } from '../../src-shared/reduce/chunks.ts';
import { type AverageManifest, spoolFiles, spoolFolder, type WorkRecord } from '../../src-shared/spool.ts';
import { hex } from '../../src-shared/units.ts';
import { Slices } from '../../src-worker/train/slices.ts';
import { Disk } from '../../src-worker/train/state/disk.ts';
import { inFile } from '../../src-worker/train/state/in-file.ts';
import { openReplica } from '../../src-worker/train/state/open.ts';
import { noProgress } from '../../src-worker/train/state/progress.ts';
import type { LocalSide } from '../../src-worker/train/state/replica.ts';
import { type LocalImage, windowsOfAll } from '../../src-worker/train/state/snapshot.ts';
import { bytesOf } from '../../src-worker/train/state/vectors.ts';
import { type VectorSource, windowsOf, windowsOver } from '../../src-worker/train/vector-source.ts';

/** A replica of a shipped profile on random numbers, without an engine. */

export const ROSTER = hex('5a'.repeat(32));
const HOTKEY = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
/** About what a round moves a weight by. */
const STEP_SIZE = 1e-4;
/** One chunk in so many misses its average. */
const LATE_EVERY = 32;
/** The member of the roster that this replica is. */
const SELF = 1;

export interface Place {
  /** State and spool. */
  readonly root: string;
  /** Where the weights lie that an engine would hold: neither memory of this process nor its disk. */
  readonly weights: string;
}

/** Weights in a file stand for an engine; its moments are as large as its weights. */
class FileLocal implements LocalSide {
  readonly #path: string;
  readonly #elements: number;
  progress = noProgress;

  constructor(path: string, elements: number) {
    this.#path = path;
    this.#elements = elements;
  }

  weights(): VectorSource {
    return inFile(this.#path, 0);
  }

  image(parameters: VectorSource = this.weights()): LocalImage {
    const moments = this.weights();
    const windows = () => windowsOfAll({ parameters, m: moments, v: moments }, this.#elements);
    return { progress: this.progress, optimizerStep: 1, lossScale: async () => null, windows };
  }

  async move(parameters: VectorSource): Promise<void> {
    const file = await open(this.#path, 'r+').catch(() => open(this.#path, 'w+'));
    try {
      for await (const { offset, values } of windowsOf(parameters, this.#elements))
        await writeAt(file, bytesOf(values), 4 * offset);
    } finally {
      await file.close();
    }
  }

  restart(parameters: VectorSource): Promise<void> {
    return this.move(parameters);
  }
}

/** Opens the replica; what the disk holds at its most is counted before each change. */
export async function openAt({ root, weights }: Place, consensus: Consensus) {
  const elements = parameterCount(consensus.model);
  const local = new FileLocal(weights, elements);
  const peak = { bytes: 0 };
  const count = () => {
    const lying = ['state', 'spool'].map((name) => bytesBelow(join(root, name)));
    peak.bytes = Math.max(peak.bytes, lying[0]! + lying[1]!);
  };
  const { replica } = await openReplica({
    stateDir: join(root, 'state'),
    spoolDir: join(root, 'spool'),
    profileHash: profileHash(consensus),
    hotkey: HOTKEY,
    initialWeights: async () => drawn(1, new Float32Array(elements), 0.02),
    disk: new Disk(count),
    slices: new Slices(),
    ...{ consensus, elements, local },
  });
  return { replica, local, peak };
}

/** Every weight moves a little, as in a round of training. */
export async function learn(local: LocalSide, seed: number): Promise<void> {
  const before = local.weights()!;
  await local.move({
    async read(into, offset) {
      const update = drawn(seed + offset, new Float32Array(into.length), STEP_SIZE);
      await before.read(into, offset);
      for (let i = 0; i < into.length; i++) into[i]! += update[i]!;
    },
  });
}

export const work = (round: number): WorkRecord => ({
  round,
  hotkey: HOTKEY,
  pages: [{ index: 3, sequences: 8, sha256: hex('0b'.repeat(32)) }],
  steps: 4,
  sequences: 8,
  sketches: [[1, 2, 3]],
});

/** What `swarm` would leave of a round, beside the spool until `deliver` puts it there. */
export async function leaveAverage(root: string, round: number, consensus: Consensus): Promise<void> {
  const elements = parameterCount(consensus.model);
  const grid = chunkGrid(elements, consensus.codec.chunkElements);
  const coder = new ChunkCoder(grid, consensus);
  const folder = join(root, 'exchange', spoolFolder(round));
  await mkdir(folder, { recursive: true });
  const file = await open(join(folder, spoolFiles.average), 'w');
  const chunks: AverageManifest['chunks'] = [];
  for (let chunk = 0; chunk < grid.chunks; chunk++) {
    const mean = Float64Array.from(
      drawn(round + chunk, new Float32Array(chunkLength(grid, chunk)), STEP_SIZE),
    );
    const bytes = coder.encodeResult(mean, 1);
    await writeAt(file, bytes, coder.resultAt(chunk));
    const contributors = chunk % LATE_EVERY === 0 ? '0000000000000005' : '0000000000000007';
    chunks.push({ reducer: 0, contributors, divisor: 3, digest: sha256Hex(bytes), sizeBytes: bytes.length });
  }
  await file.truncate(coder.resultsBytes);
  await file.close();
  const { chunkElements } = consensus.codec;
  const manifest: AverageManifest = {
    round,
    rosterDigest: ROSTER,
    self: SELF,
    elements,
    chunkElements,
    chunks,
  };
  await writeFile(join(folder, spoolFiles.averageManifest), JSON.stringify(manifest));
}

/** The exchange is over: its average lies in the spool. */
export async function deliver(root: string, round: number): Promise<void> {
  for (const name of [spoolFiles.average, spoolFiles.averageManifest])
    await rename(
      join(root, 'exchange', spoolFolder(round), name),
      join(root, 'spool', spoolFolder(round), name),
    );
}

/** Seconds in which this disk takes so many bytes, written plainly and synced once. */
export async function plainWriteS(path: string, bytes: number): Promise<number> {
  const startedMs = performance.now();
  const file = await open(path, 'w');
  const window = new Uint8Array(4 * 2 ** 20).fill(7);
  for (const { length } of windowsOver(bytes, window.length))
    await writeAll(file, window.subarray(0, length));
  await file.sync();
  await file.close();
  return (performance.now() - startedMs) / 1000;
}

/** Uniform numbers around 0 of a seed: cheap, and no two chunks alike. */
function drawn(seed: number, into: Float32Array, size: number): Float32Array {
  let state = (Math.imul(seed, 2_654_435_761) + 1) >>> 0;
  for (let i = 0; i < into.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    into[i] = (state / 2 ** 31 - 1) * size;
  }
  return into;
}

function bytesBelow(folder: string): number {
  if (!existsSync(folder)) return 0;
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
