import * as v from 'valibot';
import { stateTagSchema } from '../../published/manifest.ts';
import { STORE_ADDRESS_CHARS_MAX } from '../../stores/store-address.ts';
import { path } from '../fields.ts';
import { MODEL_PROMPT_CHARS_MAX, MODEL_SEED_MAX, MODEL_TEMPERATURE_MAX, MODEL_TOP_K_MAX } from './models.ts';

const source = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));
const download = v.pipe(v.string(), v.maxLength(64));

const prompt = v.strictObject({
  text: v.pipe(v.string(), v.maxLength(MODEL_PROMPT_CHARS_MAX)),
  temperature: v.pipe(v.number(), v.minValue(0), v.maxValue(MODEL_TEMPERATURE_MAX)),
  topK: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MODEL_TOP_K_MAX)),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MODEL_SEED_MAX)),
});

/** Arguments of the calls about published models. */
export const modelArguments = {
  lookForModels: v.tuple([v.picklist(['once', 'again'])]),
  addModelSource: v.tuple([
    v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(STORE_ADDRESS_CHARS_MAX)),
  ]),
  addModelSubnet: v.tuple([
    v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(64)),
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  ]),
  removeModelSource: v.tuple([source]),
  downloadModel: v.tuple([source, stateTagSchema]),
  resumeModel: v.tuple([download]),
  cancelModel: v.tuple([download]),
  checkModel: v.tuple([download]),
  exportModel: v.tuple([download, path]),
  chooseExportFolder: v.tuple([download, v.pipe(v.string(), v.uuid())]),
  deleteModel: v.tuple([download]),
  writeWithModel: v.tuple([download, prompt]),
  stopModelText: v.tuple([]),
} as const;
