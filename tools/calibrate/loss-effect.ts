/**
 * How often a contribution lowers the loss of a stretch of its own text, and by more than of a random one, on the practice
 * profile: what an honest miner's share of draws is, in every codec, and what that of a cheat is. Four miners average with
 * the real engine and the embedded text; one of them travels in a low tier each. Run with Node 24:
 * `node tools/calibrate/loss-effect.ts [inner steps a round] [rounds] [sequences of a stretch]`.
 */

import { existsSync } from 'node:fs';
import { sha256Hex } from '../../src-node/sha256.ts';
import { ChunkCoder } from '../../src-shared/codec/chunk-coder.ts';
import type { CodecId } from '../../src-shared/codec/table.ts';
import { fillInitialWeights } from '../../src-shared/model/initial-weights.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { chunkGrid, chunkLength, chunkStart } from '../../src-shared/reduce/chunks.ts';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/create.ts';
import type { Batch } from '../../src-worker/train/engine/engine.ts';
import { type Assignment, assignmentOf, readStep } from '../../src-worker/train/loop/assignment.ts';
import { learningRate } from '../../src-worker/train/loop/schedule.ts';
import { openEmbeddedCorpus } from '../../src-worker/train/pages/corpus.ts';
import { sliceBatch } from '../../src-worker/train/pages/packing.ts';
import { inMemory } from '../../src-worker/train/vector-source.ts';
import { ALICE, BOB } from '../../test/src-worker/train/loop/rig.ts';
import { buildKernels } from '../tasks/build-kernels.ts';
import { packCorpus } from '../tasks/pack-corpus.ts';

const [steps = 20, rounds = 14, stretch = 8] = process.argv.slice(2).map(Number);
/** Inner steps that fall between the contribution and the new base: they are in the next delta. */
const TAIL = Math.ceil(steps / 4);
/** Looks at each contribution. */
const LOOKS = 4;
/** Of its own gain, by which random text must be helped less. */
const MARGINS = [0, 0.1, 0.2];
const TIERS: readonly CodecId[] = ['fp16', 'int8', 'int4', 'sparse'];

const { consensus }: { consensus: Consensus } = practiceProfile({
  ...{ witness: ALICE, ownerColdkey: BOB, endpoint: 'none', bootstrap: [] },
});
const { model, inner } = consensus;
const elements = parameterCount(model);
const grid = chunkGrid(elements, consensus.codec.chunkElements);
const coder = new ChunkCoder(grid, consensus);
const perStep = inner.microBatchesPerStep * inner.sequencesPerMicroBatch;
const pageSequences = 64;
const never = new AbortController().signal;

await buildKernels();
const corpusDir = 'out/assets/corpus';
if (!existsSync(`${corpusDir}/corpus.json`)) await packCorpus();
const corpus = await openEmbeddedCorpus(corpusDir, { context: model.context, pageSequences });
const engine = await createCpuEngine(model, { maxSequences: 4, threads: 1, isInline: true });

let state = 20_250_101;
const uniform = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};
const below = (count: number) => Math.floor(uniform() * count);
const gaussian = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

class Miner {
  readonly vectors = {
    parameters: new Float32Array(elements),
    m: new Float32Array(elements),
    v: new Float32Array(elements),
  };
  frozen = new Float32Array(elements);
  residue = new Float32Array(elements);
  stepsTaken = 0;
  assignment!: Assignment;
  cursor = { page: 0, sequence: 0 };
  readonly tier: CodecId;

  constructor(tier: CodecId, base: Float32Array) {
    this.tier = tier;
    this.vectors.parameters.set(base);
  }

  async train(count: number, base: Float32Array | null): Promise<void> {
    for (const name of ['parameters', 'm', 'v'] as const) await engine.write(name, this.vectors[name]);
    engine.setSteps(this.stepsTaken);
    const shape = { microBatches: inner.microBatchesPerStep, sequences: inner.sequencesPerMicroBatch };
    for (let i = 0; i < count; i += 1) {
      const batches = await readStep(this.assignment, this.cursor, shape, never);
      this.cursor = batches.at(-1)!.next;
      if (i === 0 && base) await engine.atBase(inMemory(base), () => engine.gradient(batches));
      else await engine.gradient(batches);
      const sinceReset = this.stepsTaken;
      const tokens = (sinceReset + 1) * perStep * model.context;
      await engine.optimizerStep({ ...inner, lr: learningRate(inner, { tokens, sinceReset }) });
      this.stepsTaken += 1;
    }
    for (const name of ['parameters', 'm', 'v'] as const) await engine.read(name, this.vectors[name]);
  }

  /** Delta + residue as others decode it. */
  contribute(base: Float32Array): Float32Array {
    this.frozen = this.vectors.parameters.slice();
    const sent = new Float32Array(elements);
    for (let chunk = 0; chunk < grid.chunks; chunk += 1) {
      const from = chunkStart(grid, chunk);
      const offer = Float32Array.from(
        { length: chunkLength(grid, chunk) },
        (_, i) => base[from + i]! - this.frozen[from + i]! + this.residue[from + i]!,
      );
      const decoded = coder.decode(this.tier, chunk, coder.encode(this.tier, chunk, offer))!;
      for (const [i, value] of decoded.entries()) {
        sent[from + i] = value;
        this.residue[from + i] = offer[i]! - value;
      }
    }
    return sent;
  }
}

/** A stretch of the first `of` sequences of an assignment, within one page. */
async function stretchOf(assignment: Assignment, of: number): Promise<Batch[]> {
  const at = below(of);
  const page = await assignment.page(Math.floor(at / pageSequences), never);
  const claimed = Math.min(pageSequences, of - pageSequences * Math.floor(at / pageSequences));
  return sequencesOf(page.tokens, below(Math.max(1, claimed - stretch + 1)), Math.min(stretch, claimed));
}

const sequencesOf = (tokens: Uint16Array, from: number, count: number): Batch[] =>
  Array.from({ length: count }, (_, i) => sliceBatch(tokens, model.context, from + i, 1));

async function randomStretch(count: number): Promise<Batch[]> {
  const page = await corpus.loadPage(below(corpus.pageCount), never);
  return sequencesOf(page.tokens, below(pageSequences - count + 1), count);
}

const meanOf = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
const lossAt = async (weights: Float32Array, text: readonly Batch[]) =>
  meanOf(await engine.atBase(inMemory(weights), () => engine.losses(text)));

/** Nats by which the loss falls with the contribution, and by which it is below that of the base that came of the round. */
interface Look {
  readonly own: number;
  readonly random: number;
  readonly ownAhead: number;
  readonly randomAhead: number;
}
const looks = new Map<string, Look[]>();

async function lookAt(name: string, sent: Float32Array, assignment: Assignment, claimed: number) {
  const moved = inMemory(base.map((weight, i) => weight - sent[i]!));
  const at = inMemory(base);
  const texts: Batch[][] = [];
  for (let i = 0; i < LOOKS; i += 1) {
    const own = await stretchOf(assignment, claimed);
    texts.push(own, await randomStretch(own.length));
  }
  const all = (where: typeof at) =>
    engine.atBase(where, async () => {
      const losses: number[] = [];
      for (const text of texts) losses.push(meanOf(await engine.losses(text)));
      return losses;
    });
  const [before, after, agreed] = [await all(at), await all(moved), await all(inMemory(next))];
  const gain = (k: number) => before[k]! - after[k]!;
  const lead = (k: number) => agreed[k]! - after[k]!;
  const found = looks.get(name) ?? [];
  looks.set(name, found);
  for (let i = 0; i < LOOKS; i += 1)
    found.push({
      own: gain(2 * i),
      random: gain(2 * i + 1),
      ownAhead: lead(2 * i),
      randomAhead: lead(2 * i + 1),
    });
}

let base = new Float32Array(elements);
let next = base;
for (const _ of fillInitialWeights(base, model, consensus.initialWeights.seed));
const miners = TIERS.map((tier) => new Miner(tier, base));
const heldOut = sequencesOf(corpus.heldOut, 0, 64);
for (let round = 0; round < rounds; round += 1) {
  const blockHash = sha256Hex(`block ${round}`);
  const sent: Float32Array[] = [];
  for (const [i, miner] of miners.entries()) {
    miner.assignment = assignmentOf(corpus, model.context, {
      round,
      hotkey: `miner ${i}`,
      blockHash,
      profileHash: sha256Hex('run'),
    });
    miner.cursor = { page: 0, sequence: 0 };
    await miner.train(steps, base);
    sent.push(miner.contribute(base));
  }
  const claimed = steps * perStep;
  const mean = (of: readonly Float32Array[]) =>
    Float32Array.from({ length: elements }, (_, k) => meanOf(of.map((one) => one[k]!)));
  const average = mean(sent);
  next = base.map((weight, k) => weight - average[k]!);
  for (const [i, miner] of miners.entries())
    await lookAt(`honest, ${miner.tier}`, sent[i]!, miner.assignment, claimed);
  const [own, other] = [sent[0]!, sent[1]!];
  const { assignment } = miners[0]!;
  const noise = Float32Array.from({ length: elements }, gaussian);
  const scale =
    Math.hypot(Math.sqrt(own.reduce((sum, x) => sum + x * x, 0))) /
    Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0));
  await lookAt('half of what is claimed', own, assignment, 2 * claimed);
  await lookAt('copy of another', other, assignment, claimed);
  await lookAt('mean of the others', mean(sent.slice(1)), assignment, claimed);
  await lookAt(
    'noise of the same norm',
    noise.map((x) => x * scale),
    assignment,
    claimed,
  );
  await lookAt(
    'three times as long',
    own.map((x) => 3 * x),
    assignment,
    claimed,
  );
  await lookAt(
    'the other way',
    own.map((x) => -x),
    assignment,
    claimed,
  );
  for (const miner of miners) await miner.train(TAIL, null);
  for (const { vectors, frozen } of miners)
    for (let k = 0; k < elements; k += 1)
      vectors.parameters[k] = next[k]! + (vectors.parameters[k]! - frozen[k]!);
  base = next;
  console.log(`round ${round}: held-out loss ${(await lossAt(base, heldOut)).toFixed(3)}`);
}

/** By which share of its own gain a look is further ahead of the new base on its own text than on random text. */
const ahead = ({ own, ownAhead, randomAhead }: Look) =>
  own > 0 ? (ownAhead - randomAhead) / own : Number.NEGATIVE_INFINITY;
const shareOf = (found: readonly Look[], is: (look: Look) => boolean) =>
  (found.filter(is).length / found.length).toFixed(3);
const rows = [
  [
    'contribution',
    'looks',
    'lowers',
    'more',
    ...MARGINS.map((margin) => `ahead ${margin}`),
    'own',
    'random',
    'least',
  ],
  ...[...looks].map(([name, found]) => [
    name,
    String(found.length),
    shareOf(found, ({ own }) => own > 0),
    shareOf(found, ({ own, random }) => own > 0 && own > random),
    ...MARGINS.map((margin) => shareOf(found, (look) => ahead(look) > margin)),
    meanOf(found.map(({ own }) => own)).toFixed(3),
    meanOf(found.map(({ random }) => random)).toFixed(3),
    Math.min(...found.map(ahead)).toFixed(3),
  ]),
];
console.log(
  `${steps} inner steps a round, ${rounds} rounds, stretches of ${stretch} sequences of ${model.context} tokens`,
);
for (const [name, ...cells] of rows)
  console.log(name!.padEnd(24) + cells.map((cell) => cell.padStart(11)).join(''));
process.exit(0);
