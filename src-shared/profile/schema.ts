import * as v from 'valibot';
import { codecSchema, resultCodecSchema } from '../codec/table.ts';
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

/**
 * A profile may be anybody's, and its numbers become timers, loops and memory: each is bounded far above what a run has
 * a use for.
 */
const upTo = (most: number) => v.pipe(positive, v.maxValue(most));
/** A day: the longest timer takes 24 of them. */
const spanMs = upTo(86_400_000);
/** Months of a chain of 12 s. */
const blocks = upTo(1_000_000);
const noneOrBlocks = v.pipe(count, v.maxValue(1_000_000));
const amount = upTo(65_536);
/** Entries of a list. */
const LISTED_MAX = 64;
const STAGES_MAX = 1_024;
/** By which a float64 can be shifted and still hold what it holds. */
const exponent = v.pipe(count, v.maxValue(128));

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
  v.object({ kind: v.literal('embedded'), manifest: v.nullable(digest), pageSequences: amount }),
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

/** Terms of a score model: each of them travels in every card. */
export const SCORE_TERMS_MAX = 16;

const scoreTermSchema = v.object({
  /** One that this version does not measure is drawn, and left out of scores. */
  id: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z][A-Za-z0-9-]{0,31}$/),
    // A name that every object has would be found where nothing was measured.
    v.check((id) => !(id in {})),
  ),
  label: shortText,
  meaning: shortText,
});

/** Whom validators check and by how much; not there in profiles of before (`scoring/checks.ts` has what counts then). */
const checksSchema = v.object({
  /** Miners whose first step is recomputed in a round, and miners whose contribution is looked at. */
  recomputedPerRound: amount,
  lookedPerRound: amount,
  /** Every uid has its turn once in so many rounds, whatever else is drawn. */
  everyRounds: amount,
  /** Sequences of a stretch by which a contribution is looked at. */
  stretchSequences: upTo(64),
  /** Share of what it does to its own text by which it must be further ahead there than on random text. */
  margin: share,
  /** The newest draws that count, and how many it takes to count at all. */
  draws: upTo(256),
  leastDraws: upTo(256),
  /** Below this share of draws in which it helped there is no honesty. */
  leastShare: share,
  /** From this share on there is all of it: honest work fails a look now and then. Left out: only where all helped. */
  fullShare: v.optional(v.pipe(share, v.minValue(0.6))),
  /** Honesty of who was drawn less often. */
  unknown: share,
});

/** score = product of gates * sum(weight * part) / sum(weights of the parts that were measured). */
export const scoreModelSchema = v.object({
  name: shortText,
  terms: v.pipe(v.array(scoreTermSchema), v.maxLength(SCORE_TERMS_MAX)),
  gates: v.pipe(v.array(shortText), v.maxLength(LISTED_MAX)),
  parts: v.pipe(v.array(v.object({ term: shortText, weight: share })), v.maxLength(LISTED_MAX)),
  gradientThreshold: share,
  bandwidth: v.object({
    bytes: upTo(2 ** 30),
    timeLimitMs: spanMs,
    latencyLimitMs: spanMs,
    minCounterparties: amount,
  }),
  movingAverage: share,
  checks: v.exactOptional(checksSchema),
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
    sequencesPerMicroBatch: amount,
    microBatchesPerStep: amount,
    lr: finite,
    beta1: share,
    beta2: share,
    eps: finite,
    weightDecay: finite,
    clip: finite,
    /** Linear warm-up, counted in tokens of one peer. */
    warmupTokens: count,
    maxStepsPerRound: upTo(1_000_000),
  }),
  /** Stages by round: the last one whose fromRound has come. lr 1 and momentum 0 is plain averaging. */
  outer: v.pipe(v.array(outerStage), v.minLength(1), v.maxLength(STAGES_MAX)),
  clock: v.object({
    /** Rounds count from a block, or from the block at which the subnet's owner started emission. */
    start: v.variant('kind', [
      v.object({ kind: v.literal('block'), block: count }),
      v.object({ kind: v.literal('first-emission') }),
    ]),
    /** The chain's usual time between blocks: times below are meant for it, and grow with a slower chain. */
    blockMs: spanMs,
    blocksPerRound: blocks,
    ready: blocks,
    roster: blocks,
    outcome: blocks,
    finalityLag: blocks,
  }),
  group: v.object({
    minMembers: upTo(64),
    maxMembers: upTo(64),
    minColdkeys: upTo(64),
    silentProposerBlocks: blocks,
  }),
  codec: v.object({
    tiers: v.pipe(v.array(codecSchema), v.minLength(1), v.maxLength(LISTED_MAX)),
    /** How the mean comes home. */
    result: resultCodecSchema,
    /** fp16 carries x * 2^fp16Shift; every decoded value is an integer multiple of 2^-unitExponent (src-shared/codec). */
    fp16Shift: exponent,
    unitExponent: exponent,
    /**
     * How a mean is taken where not plainly: `winsorized` draws the highest and the lowest value of each element in to
     * their neighbours, so that one member alone moves nothing beyond the others.
     */
    mean: v.exactOptional(v.literal('winsorized')),
    /** Share of the residue that goes into the next contribution; all of it in profiles that do not name one. */
    residueDecay: v.exactOptional(share),
    chunkElements: upTo(2 ** 24),
    pieceBytes: upTo(2 ** 26),
  }),
  reduce: v.object({
    /** Length of the exchange: chunks come within 0.8 of it, standbys close by its end. */
    exchangeBlocks: blocks,
    /** After so many silent blocks the next witness may propose the results list. */
    silentListBlocks: blocks,
    /** What is lacking of the list is fetched in these, and the new base prepared in those; 0 where none is a block. */
    fetchBlocks: noneOrBlocks,
    prepareBlocks: noneOrBlocks,
    /** By how much members' clocks of a round may differ, and what every closing time allows for the way. */
    slackMs: spanMs,
    /** A member signs no digest below this share of elements with quorum. */
    commitShare: share,
  }),
  witnesses: v.variant('kind', [
    v.object({
      kind: v.literal('hotkeys'),
      hotkeys: v.pipe(v.array(address), v.minLength(1), v.maxLength(LISTED_MAX)),
    }),
    v.object({ kind: v.literal('by-stake'), count: upTo(LISTED_MAX) }),
  ]),
  sketches: v.object({ projections: amount, checkedMicroBatches: amount }),
  scoreModel: scoreModelSchema,
});

export const localSchema = v.object({
  endpoints: v.pipe(v.array(shortText), v.minLength(1), v.maxLength(LISTED_MAX)),
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
