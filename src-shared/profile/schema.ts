import * as v from 'valibot';
import {
  address,
  bootstrapPeers,
  count,
  digest,
  finite,
  path,
  share,
  shortText,
} from '../contract/fields.ts';

/**
 * A run profile. `consensus` is what all members must share: its hash names the run. `local` is each user's own.
 * Units: blocks where a name ends in Blocks or names a round offset, ms where it ends in Ms.
 */
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

export const modelShapeSchema = v.object({
  layers: v.pipe(positive, v.maxValue(128)),
  width: v.pipe(positive, v.maxValue(16_384)),
  heads: v.pipe(positive, v.maxValue(256)),
  context: v.pipe(positive, v.maxValue(16_384)),
  vocab: v.pipe(positive, v.maxValue(65_536)),
});

/** A data set of the Hub, OWNER/NAME or NAME. */
const hubName = v.pipe(v.string(), v.maxLength(128), v.regex(/^[\w-][\w.-]*(?:\/[\w-][\w.-]*)?$/));

/** A folder within it, '' for all of it: names with slashes between them, none of which leads out. */
const hubFolder = v.pipe(
  v.string(),
  v.maxLength(512),
  v.regex(/^(?:(?!\.{1,2}(?:\/|$))[^/\\\n]+(?:\/(?!$)|$))*$/),
);

const columnName = v.pipe(v.string(), v.minLength(1), v.maxLength(128));

/**
 * Where the training text comes from. `manifest` is a digest over all that decides about its pages
 * (`src-shared/text-manifest.ts`); null names no certain state of it, and so does a `revision` that is no commit.
 */
export const datasetSchema = v.variant('kind', [
  /** What comes with Butterfly. */
  v.object({ kind: v.literal('embedded'), manifest: v.nullable(digest), pageSequences: positive }),
  /** Parquet files of a data set of the Hub, below `path`; `column` holds a document a row. */
  v.object({
    kind: v.literal('hub'),
    id: hubName,
    revision: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
    path: hubFolder,
    column: columnName,
    manifest: v.nullable(digest),
  }),
  /** Files that each member has in a folder of its own computer (`local.textFolder`): Parquet, JSON lines, plain text. */
  v.object({ kind: v.literal('files'), name: shortText, column: columnName, manifest: v.nullable(digest) }),
]);

const outerStage = v.object({ fromRound: count, lr: finite, momentum: share });

const scoreTermSchema = v.object({
  id: v.picklist(['identity', 'gradient', 'steps', 'bandwidth', 'allReduce', 'honesty']),
  label: shortText,
  meaning: shortText,
});

/** score = product of gates * sum(weight * part) / sum(weights of the parts that were measured). */
export const scoreModelSchema = v.object({
  name: shortText,
  terms: v.array(scoreTermSchema),
  gates: v.array(shortText),
  parts: v.array(v.object({ term: shortText, weight: share })),
  gradientThreshold: share,
  bandwidth: v.object({
    bytes: positive,
    timeLimitMs: positive,
    latencyLimitMs: positive,
    minCounterparties: positive,
  }),
  movingAverage: share,
});

export const consensusSchema = v.object({
  format: v.literal(1),
  name: shortText,
  predecessor: v.nullable(v.object({ hash: digest, afterRound: count })),
  chain: v.object({
    netuid: v.pipe(count, v.maxValue(65_535)),
    /** Of the one chain that the run lives on. Not there in profiles of before: their hash is as it was. */
    genesis: v.exactOptional(digest),
    identity: v.object({ name: shortText, ownerColdkey: v.nullable(address) }),
  }),
  model: modelShapeSchema,
  /** Drawn from the seed by integer draws; the digest is the SHA-256 of the flat float32 vector. */
  initialWeights: v.object({ seed: shortText, digest: v.nullable(digest) }),
  tokenizer: v.picklist(['gpt2', 'practice-4096']),
  dataset: datasetSchema,
  inner: v.object({
    sequencesPerMicroBatch: positive,
    microBatchesPerStep: positive,
    lr: finite,
    beta1: share,
    beta2: share,
    eps: finite,
    weightDecay: finite,
    clip: finite,
    /** Linear warm-up, counted in tokens of one peer. */
    warmupTokens: count,
    maxStepsPerRound: positive,
  }),
  /** Stages by round: the last one whose fromRound has come. lr 1 and momentum 0 is plain averaging. */
  outer: v.pipe(v.array(outerStage), v.minLength(1)),
  clock: v.object({
    /** Rounds count from a block, or from the block at which the subnet's owner started emission. */
    start: v.variant('kind', [
      v.object({ kind: v.literal('block'), block: count }),
      v.object({ kind: v.literal('first-emission') }),
    ]),
    /** The chain's usual time between blocks: times below are meant for it, and grow with a slower chain. */
    blockMs: positive,
    blocksPerRound: positive,
    ready: positive,
    roster: positive,
    outcome: positive,
    finalityLag: positive,
  }),
  group: v.object({
    minMembers: positive,
    maxMembers: v.pipe(positive, v.maxValue(64)),
    minColdkeys: positive,
    silentProposerBlocks: positive,
  }),
  codec: v.object({
    tiers: v.pipe(v.array(v.picklist(['fp16', 'f32'])), v.minLength(1)),
    result: v.picklist(['fp16']),
    /** fp16 carries x * 2^fp16Shift; every decoded value is an integer multiple of 2^-unitExponent. */
    fp16Shift: count,
    unitExponent: count,
    chunkElements: positive,
    pieceBytes: positive,
  }),
  reduce: v.object({
    /** A chunk may close when contributors of this share of the rostered weight are in. */
    quorumShare: share,
    softDeadlineMs: positive,
    hardDeadlineMs: positive,
    silentAfterMs: positive,
    /** A member signs no digest below this share of elements with quorum. */
    commitShare: share,
  }),
  witnesses: v.variant('kind', [
    v.object({ kind: v.literal('hotkeys'), hotkeys: v.pipe(v.array(address), v.minLength(1)) }),
    v.object({ kind: v.literal('by-stake'), count: positive }),
  ]),
  sketches: v.object({ projections: positive, checkedMicroBatches: positive }),
  scoreModel: scoreModelSchema,
});

export const localSchema = v.object({
  endpoints: v.pipe(v.array(shortText), v.minLength(1)),
  bootstrap: bootstrapPeers,
  /** Words shown wherever money or progress is, so that nobody takes practice for the real thing; null shows none. */
  mark: v.nullable(shortText),
  /** Where this computer has the files of a data set of kind `files`. */
  textFolder: v.optional(path),
});

export const profileSchema = v.object({ consensus: consensusSchema, local: localSchema });

export type ModelShape = v.InferOutput<typeof modelShapeSchema>;
export type ScoreModel = v.InferOutput<typeof scoreModelSchema>;
export type Dataset = v.InferOutput<typeof datasetSchema>;
export type Consensus = v.InferOutput<typeof consensusSchema>;
export type Profile = v.InferOutput<typeof profileSchema>;
