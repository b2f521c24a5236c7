import * as v from 'valibot';
import { STORED_FILES_MAX, storedNameSchema } from '../published/manifest.ts';
import { count, path } from './fields.ts';
import {
  MODEL_PROMPT_CHARS_MAX,
  MODEL_SEED_MAX,
  MODEL_TEMPERATURE_MAX,
  MODEL_TOP_K_MAX,
} from './page/models.ts';

/** Text that a model wrote; a token of GPT-2 spells 128 bytes at most. */
const writtenText = v.pipe(v.string(), v.maxLength(65_536));

/** What is done with a published state that was brought into a folder, its manifest in it. Nobody vouches for a byte of it. */
export const downloadedModelCalls = {
  /** Sums up all files again, and builds the base digest from momentum and weights where both and the profile are there. */
  checkState: {
    params: v.object({ folder: path }),
    result: v.object({
      damaged: v.pipe(v.array(storedNameSchema), v.maxLength(STORED_FILES_MAX)),
      /** By the hotkey that the manifest names. */
      isSigned: v.boolean(),
      weights: v.picklist(['same', 'other', 'unknown']),
    }),
  },
  /** Copies what other programs load, and leaves what is for a run: momentum, list of rounds, profile, manifest. */
  exportDownload: {
    params: v.object({ folder: path, into: path }),
    result: v.object({ sizeBytes: count }),
  },
  /** Goes on with a text; `written` tells of it as it comes. The model stays in memory for the next one. */
  continueText: {
    params: v.object({
      folder: path,
      text: v.pipe(v.string(), v.maxLength(MODEL_PROMPT_CHARS_MAX)),
      tokens: v.pipe(count, v.minValue(1), v.maxValue(1_024)),
      temperature: v.pipe(v.number(), v.minValue(0), v.maxValue(MODEL_TEMPERATURE_MAX)),
      topK: v.pipe(count, v.minValue(1), v.maxValue(MODEL_TOP_K_MAX)),
      seed: v.pipe(count, v.maxValue(MODEL_SEED_MAX)),
    }),
    result: v.object({ text: writtenText }),
  },
} as const;

export const downloadedModelEvents = {
  /** All that `continueText` wrote so far; the first time when the model is in memory. */
  written: v.object({ text: writtenText }),
} as const;
