import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fp16 } from '../../../../src-shared/codec/fp16.ts';
import type { CodedError } from '../../../../src-shared/errors/app-error.ts';
import { profileHash } from '../../../../src-shared/profile/profile.ts';
import type { Consensus } from '../../../../src-shared/profile/schema.ts';
import { liveProfile } from '../../../../src-shared/profile/shipped.ts';
import {
  type AverageManifest,
  spoolFiles,
  spoolFolder,
  type WorkRecord,
} from '../../../../src-shared/spool.ts';
import { type Hex, hex } from '../../../../src-shared/units.ts';
import { Slices } from '../../../../src-worker/train/slices.ts';
import { Disk, type DiskWatch } from '../../../../src-worker/train/state/disk.ts';
import { openReplica } from '../../../../src-worker/train/state/open.ts';
import { noProgress } from '../../../../src-worker/train/state/progress.ts';
import type { LocalSide, Replica } from '../../../../src-worker/train/state/replica.ts';
import { type LocalImage, windowsOfAll } from '../../../../src-worker/train/state/snapshot.ts';
import { inMemory, type VectorSource } from '../../../../src-worker/train/vector-source.ts';
import { baseOf, held, whole } from './held.ts';

export const ELEMENTS = 300;
export const CHUNK = 64;
export const CHUNKS = Math.ceil(ELEMENTS / CHUNK);
export const ROSTER = hex('5a'.repeat(32));
export const HOTKEY = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';

const shipped = liveProfile('gpt2-124m').consensus;

/** A run on five chunks, two of them of one matrix each as far as low tiers go; its outer optimiser has momentum from the start, so that a rebase is more than an addition. */
export const consensus: Consensus = {
  ...shipped,
  model: { layers: 2, width: 4, heads: 1, context: 2, vocab: 4 },
  codec: { ...shipped.codec, chunkElements: CHUNK, pieceBytes: 256 },
  outer: [{ fromRound: 0, lr: 0.7, momentum: 0.8 }],
};

/** First and second moments of AdamW and the steps they have seen. */
interface OptimizerState {
  readonly step: number;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

const zeroMoments = (): OptimizerState => ({
  step: 0,
  m: new Float32Array(ELEMENTS),
  v: new Float32Array(ELEMENTS),
});

/** Local weights without an engine: what a state folder needs of one. */
export class VectorLocal implements LocalSide {
  parameters = new Float32Array(ELEMENTS);
  optimizer: OptimizerState = zeroMoments();
  progress = noProgress;

  weights() {
    return inMemory(this.parameters);
  }
  image(parameters = this.weights()): LocalImage {
    const { step, m, v } = this.optimizer;
    const sources = { parameters, m: inMemory(m), v: inMemory(v) };
    const windows = () => windowsOfAll(sources, ELEMENTS);
    return { progress: this.progress, optimizerStep: step, lossScale: async () => null, windows };
  }
  async move(parameters: VectorSource) {
    this.parameters = await whole(parameters, ELEMENTS);
  }
  async restart(parameters: VectorSource) {
    await this.move(parameters);
    this.optimizer = zeroMoments();
    this.progress = { ...this.progress, sinceReset: 0 };
  }
  /** One inner step, as far as the algebra sees it. */
  learn(update: Float32Array) {
    this.parameters = this.parameters.map((value, i) => value + update[i]!);
    this.optimizer = { ...this.optimizer, step: this.optimizer.step + 1, m: update.slice() };
    this.progress = { ...this.progress, step: this.progress.step + 1 };
  }
}

export interface Rig {
  readonly root: string;
  readonly replica: Replica;
  readonly local: VectorLocal;
  readonly image: LocalImage | null;
  readonly told: Notices;
}

/** What a person would be told. */
export class Notices {
  readonly errors: CodedError[] = [];
  readonly cleared: string[] = [];
  readonly notice = (error: CodedError): void => void this.errors.push(error);
  readonly clearNotice = (code: string): void => void this.cleared.push(code);

  /** Names of the files that were set aside. */
  damaged(): string[] {
    const damaged = this.errors.filter(({ code }) => code === 'FILE_DAMAGED');
    return damaged.map(({ params }) => basename(String(params.path)));
  }
}

/** L2 norm. */
export const norm = (vector: Float32Array): number => Math.hypot(...vector);

export const initialWeights = (): Float32Array =>
  Float32Array.from({ length: ELEMENTS }, (_, i) => Math.sin(i) / 8);

/** Thousands of syncs: in memory where the system has a folder for it. The order of steps is what is tested. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
export const newRoot = (): Promise<string> => mkdtemp(join(SCRATCH, 'butterfly-state-'));
export const dropRoot = (root: string): Promise<void> => rm(root, { recursive: true, force: true });

export async function openRig(root: string, watch?: DiskWatch): Promise<Rig> {
  const told = new Notices();
  const local = new VectorLocal();
  const { replica, image } = await openReplica({
    stateDir: join(root, 'state'),
    spoolDir: join(root, 'spool'),
    consensus,
    profileHash: profileHash(consensus),
    hotkey: HOTKEY,
    elements: ELEMENTS,
    initialWeights: async () => initialWeights(),
    local,
    disk: new Disk(watch, told),
    slices: new Slices(),
  });
  if (image) {
    const { parameters, m, v, optimizerStep: step, progress } = await held(image, ELEMENTS);
    Object.assign(local, { parameters, optimizer: { step, m, v }, progress });
  } else local.parameters = await baseOf(replica);
  return { root, replica, local, image, told };
}

/** Numbers of a seed, in [-1, 1): the same on every run. */
export function numbers(seed: number, length: number): Float32Array {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export const update = (seed: number): Float32Array => numbers(seed, ELEMENTS).map((value) => value * 0.01);

export const record = (round: number): WorkRecord => ({
  round,
  hotkey: HOTKEY,
  pages: [{ index: 3, sequences: 8, sha256: hex('0b'.repeat(32)) }],
  steps: 4,
  sequences: 8,
  sketches: [[1, 2, 3]],
});

/** What `swarm` leaves in the spool after a round. `taken[k]`: my bit; a chunk of null has no result. */
export async function leaveAverage(
  root: string,
  round: number,
  average: Float32Array,
  taken: readonly (boolean | null)[],
  change: (manifest: AverageManifest) => unknown = (manifest) => manifest,
): Promise<void> {
  await leave(root, { round, average, taken, chunkElements: CHUNK, change });
}

/** An average of a model of any size, all of it taken. */
export async function leaveAverageOf(
  root: string,
  round: number,
  { elements, chunkElements }: { readonly elements: number; readonly chunkElements: number },
): Promise<void> {
  const taken = Array.from({ length: Math.ceil(elements / chunkElements) }, () => true);
  const average = new Float32Array(elements).fill(1e-3);
  await leave(root, { round, average, taken, chunkElements, change: (manifest) => manifest });
}

interface Left {
  readonly round: number;
  readonly average: Float32Array;
  readonly taken: readonly (boolean | null)[];
  readonly chunkElements: number;
  change(manifest: AverageManifest): unknown;
}

async function leave(root: string, { round, average, taken, chunkElements, change }: Left): Promise<void> {
  const folder = join(root, 'spool', spoolFolder(round));
  await mkdir(folder, { recursive: true });
  const encoded = fp16.encode(average, consensus.codec);
  const manifest: AverageManifest = {
    round,
    rosterDigest: ROSTER,
    self: 1,
    elements: average.length,
    chunkElements,
    chunks: taken.map((isTaken, k) =>
      isTaken === null
        ? null
        : {
            reducer: 0,
            contributors: isTaken ? '0000000000000007' : '0000000000000005',
            divisor: 3,
            digest: digestOf(encoded.subarray(2 * k * chunkElements, 2 * (k + 1) * chunkElements)),
          },
    ),
  };
  await writeFile(join(folder, spoolFiles.average), encoded);
  await writeFile(join(folder, spoolFiles.averageManifest), JSON.stringify(change(manifest)));
}

export const allTaken: readonly boolean[] = Array.from({ length: CHUNKS }, () => true);

export const digestOf = (bytes: Uint8Array): Hex => hex(createHash('sha256').update(bytes).digest('hex'));
