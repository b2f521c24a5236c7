import { EventEmitter, on } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { InitOf } from '../../../../src-shared/contract/child.ts';
import { type Activity, onProcessor, type TrainContract } from '../../../../src-shared/contract/train.ts';
import { initialWeights } from '../../../../src-shared/model/initial-weights.ts';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { scaled } from '../../../../src-shared/pages.ts';
import type { Consensus } from '../../../../src-shared/profile/schema.ts';
import { liveProfile } from '../../../../src-shared/profile/shipped.ts';
import {
  type AverageManifest,
  contributionManifestSchema,
  spoolFiles,
  spoolFolder,
  workRecordSchema,
} from '../../../../src-shared/spool.ts';
import { type Hex, hex, ss58 } from '../../../../src-shared/units.ts';
import { createCpuEngine } from '../../../../src-worker/train/engine/cpu/create.ts';
import type { Engine } from '../../../../src-worker/train/engine/engine.ts';
import { honestLabour, type Labour } from '../../../../src-worker/train/loop/labour.ts';
import { composeTrain } from '../../../../src-worker/train/loop/start.ts';
import type { StepEvent } from '../../../../src-worker/train/loop/step-report.ts';
import type { Corpus } from '../../../../src-worker/train/loop/trainer.ts';
import { packedDigest } from '../../../../src-worker/train/pages/packing.ts';
import { Slices } from '../../../../src-worker/train/slices.ts';
import { Disk, type Told } from '../../../../src-worker/train/state/disk.ts';
import { held } from '../state/held.ts';

export const ALICE = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
export const BOB = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
export const BLOCK = hex('b1'.repeat(32));
export const STEPS = 6;
export const PAGE_SEQUENCES = 5;

const shipped = liveProfile('gpt2-124m').consensus;

/** A model of 4,816 parameters; six steps of two micro-batches of two sequences a round. */
export const consensus: Consensus = {
  ...shipped,
  model: { layers: 1, width: 16, heads: 2, context: 8, vocab: 64 },
  inner: {
    ...shipped.inner,
    sequencesPerMicroBatch: 2,
    microBatchesPerStep: 2,
    lr: 1e-2,
    warmupTokens: 100,
    maxStepsPerRound: STEPS,
  },
  codec: { ...shipped.codec, chunkElements: 1_000, pieceBytes: 4_096 },
};

/** Not its own: pages are drawn by it, and what so few steps learn would hang on every field that profiles get. */
const PROFILE_HASH = hex('ab'.repeat(32));

/** Text with a rhythm, so that there is something to learn; page p is pages' own stretch of it. */
export const corpus: Corpus = {
  manifestHash: 'c0'.repeat(32),
  // So many that no profile's draws name one twice.
  draw: async ({ first }) => scaled(first, 2 ** 20),
  heldOut: Uint16Array.from({ length: 8 * 40 + 1 }, (_, i) => (i * 7) % 61),
  async loadPage(index) {
    const length = PAGE_SEQUENCES * consensus.model.context + 1;
    const tokens = Uint16Array.from({ length }, (_, i) => ((index + 1) * 13 + i * (1 + (index % 3))) % 64);
    return { index, sequences: PAGE_SEQUENCES, tokens, sha256: packedDigest(tokens) };
  },
};

export const newEngine = (): Promise<Engine> =>
  createCpuEngine(consensus.model, { maxSequences: 4, threads: 1 });

export const parametersOf = async (engine: Engine): Promise<Float32Array> => {
  const last = engine.layout.at(-1)!;
  const into = new Float32Array(last.offset + last.length);
  await engine.read('parameters', into);
  return into;
};

/** The local replica whole. Nobody else has the engine. */
export const imageOf = ({ trainer, engine }: Pick<Rig, 'trainer' | 'engine'>) =>
  held(trainer.local.image()!, parameterCount(engine.config));

const untold: Told = { notice: () => {}, clearNotice: () => {} };

export type Rig = Awaited<ReturnType<typeof startRig>>;

export interface RigOptions {
  readonly hotkey?: InitOf<TrainContract>['hotkey'];
  readonly trains?: boolean;
  readonly labour?: Labour;
  readonly disk?: Disk;
  readonly told?: Told;
  readonly freeRamBytes?: number | null;
  readonly text?: Corpus;
}

export async function startRig(
  root: string,
  {
    hotkey = ALICE,
    trains = true,
    labour,
    disk = new Disk(),
    told = untold,
    freeRamBytes = null,
    text = corpus,
  }: RigOptions = {},
) {
  const events = new EventEmitter();
  const engine = await newEngine();
  const init: InitOf<TrainContract> = {
    stateDir: join(root, 'state'),
    spoolDir: join(root, 'spool'),
    corpusDir: root,
    consensus,
    profileHash: PROFILE_HASH,
    hotkey,
    trains,
    engine: onProcessor(1),
    freeBytes: null,
    lostInUse: null,
    adversary: null,
  };
  const parts = {
    engine,
    corpus: text,
    unigramEntropy: null,
    freeRamBytes,
    told,
    labour: labour ?? honestLabour,
    disk,
    slices: new Slices(),
    throttle: { share: 1 },
    initialWeights: async () => initialWeights(consensus.model, consensus.initialWeights.seed),
    emit: (name: string, event: unknown) => void events.emit(name, event),
    failed: (thrown: unknown) => void events.emit('error', thrown),
  };
  const train = await composeTrain(init, parts, AbortSignal.timeout(30_000));
  const seen: StepEvent[] = [];
  events.on('step', (event: StepEvent) => seen.push(event));
  const did: Activity[] = [];
  events.on('activity', (activity: Activity) => did.push(activity));
  const signal = AbortSignal.timeout(30_000);
  return {
    ...train,
    root,
    engine,
    seen,
    did,
    signal,
    openRound: (round: number, blockHash: Hex = BLOCK) =>
      train.handlers.openRound({ round, blockHash }, signal),
    contribute: (round: number, medianNorm: number | null = null) =>
      train.handlers.contribute({ round, codec: 'fp16', medianNorm }, signal),
    settle: (round: number, outcome: 'void' | 'unknown', drawn = true) =>
      train.handlers.settle({ round, outcome, resultId: null, drawn, medianNorm: null }, signal),
    /** Resolves when the loop has taken all steps of the round and rests. */
    async rested(round: number) {
      const isLast = (event: StepEvent) => event.round === round && event.innerStep === STEPS;
      // A process that started again may have nothing left to do.
      const open = train.trainer.local.progress.round;
      if (seen.some(isLast) || (open?.round === round && open.innerSteps >= STEPS)) return;
      for await (const [event] of on(events, 'step', { signal })) if (isLast(event)) return;
    },
  };
}

export const workOf = async (root: string, round: number) =>
  v.parse(
    workRecordSchema,
    JSON.parse(await readFile(join(root, 'spool', spoolFolder(round), spoolFiles.work), 'utf8')),
  );

/** What `swarm` leaves in the spool when nobody else contributed: the average is the contribution itself. */
export async function leaveOwnAverage(root: string, round: number, rosterDigest: Hex): Promise<void> {
  const folder = join(root, 'spool', spoolFolder(round));
  const text = await readFile(join(folder, spoolFiles.contributionManifest), 'utf8');
  const { elements, chunkElements, leaves } = v.parse(contributionManifestSchema, JSON.parse(text));
  const contributors = '1'.padStart(16, '0');
  const chunks = leaves.map((digest) => ({ reducer: 0, contributors, divisor: 1, digest }));
  const manifest: AverageManifest = { round, rosterDigest, self: 0, elements, chunkElements, chunks };
  await copyFile(join(folder, spoolFiles.contribution), join(folder, spoolFiles.average));
  await writeFile(join(folder, spoolFiles.averageManifest), JSON.stringify(manifest));
}
