import * as v from 'valibot';
import { consensusSchema } from '../profile/schema.ts';
import { defineContract } from './child.ts';
import { count, finite, path, shortText } from './fields.ts';
import { memoryPlanSchema } from './memory-plan.ts';
import { engineChoiceSchema, engineKinds } from './train.ts';

/** Profiles in one benchmark, and benchmarks that are kept. */
export const BENCHMARK_PROFILES_MAX = 16;
export const BENCHMARKS_KEPT = 24;

const positive = v.pipe(finite, v.minValue(0));

/** What was found out of one model on one device. */
export const speedSchema = v.object({
  /** Whole inner steps of the profile, one behind the other. */
  stepMs: positive,
  tokensPerSecond: positive,
  /** `measured`: the whole model was trained on; `reckoned`: one and two of its layers, and the rest by their difference. */
  how: v.picklist(['measured', 'reckoned']),
  /** Where its memory goes; null for an engine that counts none. */
  plan: v.nullable(memoryPlanSchema),
});

export type Speed = v.InferOutput<typeof speedSchema>;

/** A process that lives for the measurement of one profile on one device. */
export const benchmarkContract = defineContract({
  init: v.object({
    engine: engineChoiceSchema,
    /** The file that keeps which tiles are fastest on a card. */
    tilings: path,
    /** Memory of the card that nobody uses; null: nobody can tell, or none was chosen. */
    freeBytes: v.nullable(count),
  }),
  ready: v.object({ engine: shortText, computes: v.picklist(engineKinds) }),
  calls: {
    /** Trains on random weights and tokens, for about so long at most. */
    measure: {
      params: v.object({ ...v.pick(consensusSchema, ['model', 'inner']).entries, limitMs: count }),
      result: speedSchema,
    },
  },
  events: {},
});

export type BenchmarkContract = typeof benchmarkContract;

const codedError = v.object({
  code: shortText,
  params: v.record(v.string(), v.union([v.string(), v.number(), v.bigint()])),
});

export const profileSpeedSchema = v.object({
  profile: shortText,
  /** null: see `problem`. */
  speed: v.nullable(speedSchema),
  /** What it drew meanwhile, in the mean; null: not measured. */
  watts: v.nullable(positive),
  /** Inner steps until a round's contributions are frozen, at most what the profile lets it count. */
  stepsARound: v.nullable(count),
  mostSteps: count,
  sequencesAStep: count,
  problem: v.nullable(codedError),
});

/** What a device would do, profile by profile. */
export const benchmarkSchema = v.object({
  /** The key of a card, or the name of an engine. */
  device: shortText,
  /** The engine in words, with the card's name. */
  engine: shortText,
  atMs: count,
  tookMs: count,
  /** Memory of the device that runs held meanwhile, which rested: alone there is so much more of it. */
  heldBytes: v.optional(count, 0),
  appVersion: shortText,
  profiles: v.pipe(v.array(profileSpeedSchema), v.maxLength(BENCHMARK_PROFILES_MAX)),
});

export type Benchmark = v.InferOutput<typeof benchmarkSchema>;
export type ProfileSpeed = v.InferOutput<typeof profileSpeedSchema>;
