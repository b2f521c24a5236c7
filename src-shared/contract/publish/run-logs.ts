import * as v from 'valibot';
import { BEFORE_ALL, LOG_ROWS_AT_ONCE, runLogRowSchema } from '../../run-logs/row.ts';
import { httpBaseSchema, wandbNameSchema, wandbRunIdSchema } from '../../run-logs/wandb-names.ts';
import { finite, none, path, shortText } from '../fields.ts';
import { jobSchema } from './stores.ts';

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(BEFORE_ALL));
/** A key of Weights & Biases: visible ASCII, for it becomes part of a header. */
const apiKey = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,4096}$/));
const access = v.object({ baseUrl: httpBaseSchema, apiKey });

const run = {
  hotkey: shortText,
  /** Which numbering the rows have. */
  logId: v.pipe(v.string(), v.regex(/^[0-9a-z]{1,32}$/)),
} as const;

/** Where rows of a run are told. */
export const runLogTargetSchema = v.variant('kind', [
  v.object({
    kind: v.literal('wandb'),
    ...run,
    access,
    /** null: the team that the key belongs to. */
    entity: v.nullable(wandbNameSchema),
    project: wandbNameSchema,
    runId: wandbRunIdSchema,
    startedMs: finite,
    displayName: shortText,
    jobType: shortText,
    tags: v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(64))), v.maxLength(16)),
    /** Nothing of it is secret. */
    config: v.record(v.pipe(v.string(), v.maxLength(64)), v.union([v.string(), v.number(), v.null()])),
  }),
  v.object({ kind: v.literal('tensorboard'), ...run, folder: path }),
]);

export type RunLogTarget = v.InferOutput<typeof runLogTargetSchema>;

const told = v.object({
  /** The last row that stands there; -1: none. The next rows go behind it, whatever was thought before. */
  lastSeq: seq,
  /** Where people look at it: an address or a folder. */
  place: v.pipe(v.string(), v.maxLength(4096)),
  /** Somebody pressed Stop there. */
  isStopped: v.boolean(),
});

export type RunLogTold = v.InferOutput<typeof told>;

export const runLogCalls = {
  /**
   * Tells rows to a target, each once, however often they are sent. Rows are taken where they follow what stands there;
   * otherwise none is, and the answer says where to go on. No rows: says that the run lives.
   */
  'log.tell': {
    params: v.object({
      job: jobSchema,
      target: runLogTargetSchema,
      /** Number of the row before the first of these. */
      afterSeq: seq,
      rows: v.pipe(v.array(runLogRowSchema), v.maxLength(LOG_ROWS_AT_ONCE)),
    }),
    result: told,
  },
  /** Closes what is open of a target, and says there that the run is over; it may go on later. */
  'log.finish': { params: v.object({ job: jobSchema, target: runLogTargetSchema }), result: none },
  /** Whether a key opens an account. */
  'log.test': {
    params: v.object({ job: jobSchema, access }),
    result: v.object({ entity: shortText }),
  },
} as const;
