import * as v from 'valibot';
import { consensusSchema, datasetSchema, modelShapeSchema } from '../profile/schema.ts';
import { STORED_FILES_MAX, storedFileSchema } from '../published/manifest.ts';
import { defineContract } from './child.ts';
import { downloadedModelCalls, downloadedModelEvents } from './downloaded-models.ts';
import { count, digest, finite, path, shortText } from './fields.ts';

/** Longest text that is begun with or written; a token of GPT-2 spells 128 bytes at most. */
const sampledText = v.pipe(v.string(), v.maxLength(65_536));

/**
 * Models for other programs: a process of its own that lives for one of them. It reads a run's state beside whoever
 * works there and changes nothing of it.
 */
export const modelContract = defineContract({
  init: v.object({ corpusDir: path }),
  ready: v.object({}),
  calls: {
    /** Writes the weights of a run as a folder that `GPT2LMHeadModel` loads. */
    exportModel: {
      params: v.object({
        stateDir: path,
        profileHash: digest,
        hotkey: v.string(),
        consensus: v.pick(consensusSchema, ['name', 'model', 'tokenizer', 'codec']),
        which: v.picklist(['base', 'local']),
        into: path,
      }),
      result: v.object({
        /** Of the base that they are or stand on; -1 before the first commit. */
        round: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
        parameters: count,
        sizeBytes: count,
      }),
    },
    /** Writes the committed state of a run for publishing: what `exportModel` writes, and the outer momentum. */
    exportState: {
      params: v.object({
        stateDir: path,
        profileHash: digest,
        hotkey: v.string(),
        consensus: v.pick(consensusSchema, ['name', 'model', 'tokenizer', 'codec']),
        /** A folder that is there; files of before are written over. */
        into: path,
      }),
      result: v.object({
        round: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
        baseDigest: digest,
        files: v.pipe(v.array(storedFileSchema), v.maxLength(STORED_FILES_MAX)),
      }),
    },
    /** Copies what the committed round `round` changed out of the spool: the agreed average, as all have it. */
    exportUpdate: {
      params: v.object({ spoolDir: path, round: count, into: path }),
      result: v.object({ files: v.pipe(v.array(storedFileSchema), v.maxLength(STORED_FILES_MAX)) }),
    },
    /** The way back: a state file as `swarm` fetches it, of a folder whose weights and momentum come to that digest. */
    importState: {
      params: v.object({
        folder: path,
        consensus: v.pick(consensusSchema, ['model', 'codec']),
        baseDigest: digest,
        into: path,
      }),
      result: v.object({ sizeBytes: count }),
    },
    /** The data set of a profile as it is now and for ever. */
    pinDataset: {
      params: v.object({ dataset: datasetSchema, textFolder: v.nullable(path), hubUrl: shortText }),
      result: datasetSchema,
    },
    /** SHA-256 of the weights that a run begins with, which each member draws from the seed. */
    digestInitialWeights: {
      params: v.object({ model: modelShapeSchema, seed: shortText }),
      result: v.object({ digest }),
    },
    /** Looks at such a folder, whoever wrote it: every length and every weight is checked. */
    inspectModel: {
      params: v.object({
        path,
        begin: v.nullable(sampledText),
        tokens: v.pipe(count, v.maxValue(1024)),
        seed: count,
      }),
      result: v.object({
        model: modelShapeSchema,
        parameters: count,
        dtypes: v.array(shortText),
        /** Whose tokens it speaks, by its own tokenizer.json; null where they are not known here. */
        tokenizer: v.nullable(v.picklist(['gpt2', 'practice-4096'])),
        /** Nats per token on the practice's held-out text; null for another tokenizer, and for a model too large. */
        heldOut: v.nullable(v.object({ loss: finite, tokens: count })),
        /** How it goes on; null where nothing was begun or its tokens are not known. */
        written: v.nullable(sampledText),
      }),
    },
    ...downloadedModelCalls,
  },
  events: {
    ...downloadedModelEvents,
    /** Bytes of weights done of all. */
    progress: v.object({ done: count, all: count }),
  },
});

export type ModelContract = typeof modelContract;
