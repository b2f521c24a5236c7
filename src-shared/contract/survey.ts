import * as v from 'valibot';
import { adapterBackends, CARDS_LISTED_MAX } from '../cards/adapter.ts';
import { defineContract } from './child.ts';
import { count, shortText } from './fields.ts';

/** A graphics card as a driver interface names it. */
export const adapterSchema = v.object({
  backend: v.picklist(adapterBackends),
  name: v.pipe(shortText, v.minLength(1)),
  index: v.exactOptional(v.pipe(count, v.minValue(1), v.maxValue(CARDS_LISTED_MAX - 1))),
});

/** What an adapter is and can do. */
export const adapterFactsSchema = v.object({
  vendor: shortText,
  architecture: shortText,
  /** Its driver's own line: name and version. */
  driver: shortText,
  /** A processor that plays a graphics card. */
  isSoftware: v.boolean(),
  f16: v.boolean(),
  subgroups: v.boolean(),
  /** Products on matrix units (tensor cores), as its driver offers them. */
  subgroupMatrix: v.boolean(),
  timestamps: v.boolean(),
  /** Most bytes of one buffer, and of what one shader sees of it. */
  bufferBytes: count,
  bindingBytes: count,
});

export type AdapterFacts = v.InferOutput<typeof adapterFactsSchema>;

/** A card as the system's own inventory has it, where there are no files to read it from. */
export const controllerSchema = v.object({
  vendor: shortText,
  model: shortText,
  /** null: the inventory does not tell. */
  memoryBytes: v.nullable(count),
});

export type Controller = v.InferOutput<typeof controllerSchema>;

/**
 * A process that lives for one look at the graphics cards: the drivers' libraries are loaded there and never in the
 * host, and one that crashes takes nothing else along.
 */
export const surveyContract = defineContract({
  init: v.object({}),
  ready: v.object({
    adapters: v.pipe(v.array(adapterSchema), v.maxLength(CARDS_LISTED_MAX)),
    controllers: v.pipe(v.array(controllerSchema), v.maxLength(CARDS_LISTED_MAX)),
  }),
  calls: {
    /** null: its driver lists it and does not give it out. */
    probe: { params: adapterSchema, result: v.nullable(adapterFactsSchema) },
  },
  events: {},
});

export type SurveyContract = typeof surveyContract;
