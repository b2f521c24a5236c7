import * as v from 'valibot';
import { ADAPTER_KEY_MAX, adapterBackends } from '../cards/adapter.ts';
import { codecSchema } from '../codec/table.ts';
import { consensusSchema } from '../profile/schema.ts';
import { stateFileSchema } from '../spool.ts';
import { trainAdversarySchema } from './adversary.ts';
import { defineContract } from './child.ts';
import { address, count, digest, finite, none, path, shortText, takenBits } from './fields.ts';
import { footprintSchema } from './footprint.ts';
import { memoryPlanSchema } from './memory-plan.ts';

/** The committed base that `train` stands on: round of its commit (-1 for the initial weights), id, digest. */
export const standingSchema = v.object({
  round: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
  id: digest,
  baseDigest: digest,
  /** The file that `swarm` may serve to newcomers. */
  state: stateFileSchema,
});

/** A token of GPT-2 spells 128 bytes at most. */
const sampledText = v.pipe(v.string(), v.maxLength(65_536));

/** Sequences by which one contribution is looked at, of either kind of page. */
export const EFFECT_SEQUENCES_MAX = 64;

/** Mean loss at the base of a round, with a contribution taken in alone, and at the newest base. */
const lossesSchema = v.object({ before: finite, after: finite, agreed: finite });

const positive = v.pipe(count, v.minValue(1));

export type Standing = v.InferOutput<typeof standingSchema>;

/** Kinds of engines; the reference is for tests. */
export const engineKinds = ['reference', 'cpu', 'gpu', 'tensorflow'] as const;
export type EngineKind = (typeof engineKinds)[number];

/** How hard it may work: of its time, from a tenth on. */
export const workShareSchema = v.pipe(v.number(), v.minValue(0.1), v.maxValue(1));

/** What computes. What cannot be used is stood in for by the processor, with so many threads. */
export const engineChoiceSchema = v.object({
  kind: v.picklist(['cpu', 'gpu', 'tensorflow']),
  threads: v.pipe(count, v.minValue(1), v.maxValue(64)),
  /** The key of the card that was chosen; null: the one that drivers offer first. */
  device: v.nullable(v.pipe(v.string(), v.maxLength(ADAPTER_KEY_MAX))),
  share: workShareSchema,
  /** Where an engine lies that a user adds. */
  folder: v.optional(path),
});

export type EngineChoice = v.InferOutput<typeof engineChoiceSchema>;

/**
 * Committed rounds that a peer follows one by one: two averages are half of a state, and who gives them keeps no more.
 * Also how old a delta may be to be of use.
 */
export const ROUNDS_FOLLOWED = 2;

/** Places in the held-out text from which a model is let go on. */
export const SAMPLE_PROMPTS = 8;

/** The processor with so many threads, as hard as it can. */
export const onProcessor = (threads: number): EngineChoice => ({
  kind: 'cpu',
  threads,
  device: null,
  share: 1,
});

/** What `train` does now, so that nobody has to guess it from steps that do not come. */
export const activitySchema = v.variant('kind', [
  v.object({ kind: v.literal('training'), round: count }),
  /** Done with the steps that the profile lets a round count; or no round is open (round null). */
  v.object({ kind: v.literal('resting'), round: v.nullable(count), steps: count }),
  /** The host said so. */
  v.object({ kind: v.literal('paused') }),
  /** Something else has the engine. */
  v.object({
    kind: v.literal('busy'),
    work: v.picklist([
      'contributing',
      'preparing',
      'settling',
      'loading',
      'evaluating',
      'checking',
      'fetching',
    ]),
  }),
]);

export type Activity = v.InferOutput<typeof activitySchema>;

/** How text of a data set comes, where it does not lie here whole. */
export const textStateSchema = v.object({
  /** Why none comes at the moment and when it is asked for again (Unix ms); null while it does. */
  wait: v.nullable(
    v.object({ reason: v.picklist(['rate-limit', 'unreachable']), host: shortText, untilMs: finite }),
  ),
  /** Steps are taken on other text than the round's, and nothing is claimed for them. */
  isUnassigned: v.boolean(),
  /** Pages kept on the disk. */
  keptBytes: count,
  keptPages: count,
});

export type TextState = v.InferOutput<typeof textStateSchema>;

/**
 * `train` owns model, inner steps, snapshots and the outer step. The host tells it what the chain decided; it never
 * asks the network. Every call is safe to repeat after a crash of either side.
 */
export const trainContract = defineContract({
  init: v.object({
    stateDir: path,
    spoolDir: path,
    corpusDir: path,
    /** For text that does not come with Butterfly: where it is kept, how much of it, and where it comes from. */
    text: v.optional(v.object({ dir: path, quotaBytes: count, hubUrl: shortText, folder: v.nullable(path) })),
    consensus: consensusSchema,
    profileHash: digest,
    hotkey: address,
    /** A validator's `train` takes no inner steps; it recomputes and evaluates. */
    trains: v.boolean(),
    engine: engineChoiceSchema,
    /** Memory of the chosen card that nobody uses; null: nobody can tell, or no card was chosen. */
    freeBytes: v.nullable(count),
    /** The life before crashed in native code while this computed, after it had become ready; null else. */
    lostInUse: v.nullable(v.picklist(['gpu', 'tensorflow'])),
    /** Composition of a dishonest worker for tests and headless practice; null is the honest one. */
    adversary: v.nullable(trainAdversarySchema),
  }),
  ready: v.object({
    parameters: count,
    engine: shortText,
    /** What kind of engine it is, after all that could not be used. */
    computes: v.picklist(engineKinds),
    /** The driver interface by which its card is reached; null for what is none. */
    backend: v.nullable(v.picklist(adapterBackends)),
    /** Where the engine's memory goes; null for one that counts none. */
    plan: v.nullable(memoryPlanSchema),
    /** What it takes of the computer beside its card. */
    footprint: footprintSchema,
    /** Median time of one inner step in the start-up benchmark; null when the benchmark did not run. */
    stepMs: v.nullable(finite),
    standing: standingSchema,
    /** Held-out text under the training text's unigrams, nats per token: only a loss below it shows learning. */
    unigramEntropy: v.nullable(finite),
    /** Pages by a pure function of the manifest: its hash is part of the seed. */
    manifest: digest,
  }),
  calls: {
    /** Training may run or must rest. Rest begins with the step in progress; a long one is dropped and taken again. */
    setActive: { params: v.object({ active: v.boolean() }), result: none },
    /** From the next slice of work on. */
    setShare: { params: v.object({ share: workShareSchema }), result: none },
    /**
     * A round opened: the next inner step's gradient is taken at the committed base, its sketches kept. Asked again
     * for the open round, after a restart too, the work goes on where it was.
     */
    openRound: { params: v.object({ round: count, blockHash: digest }), result: none },
    /** Freezes delta + residue into the spool. `medianNorm` of the last roster caps the residue; null when unknown. */
    contribute: {
      params: v.object({ round: count, codec: codecSchema, medianNorm: v.nullable(finite) }),
      result: v.object({ root: digest, norm: finite, steps: count, sequences: count, workDigest: digest }),
    },
    /** Reads the round's average from the spool, computes and syncs the new base and momentum beside the old. */
    prepare: {
      params: v.object({ round: count, rosterDigest: digest }),
      result: v.object({ baseDigest: digest, resultId: digest, resultsDigest: digest }),
    },
    /**
     * What the chain decided. `committed` renames the prepared commit into place; `void` drops it and keeps the work;
     * `unknown` counts the contribution as taken whole. `drawn`: whether this peer was in the roster. `medianNorm` of
     * the round's roster caps what stays owed; null when there was none.
     */
    settle: {
      params: v.object({
        round: count,
        outcome: v.picklist(['committed', 'void', 'unknown']),
        resultId: v.nullable(digest),
        drawn: v.boolean(),
        medianNorm: v.nullable(finite),
      }),
      result: standingSchema,
    },
    /**
     * Takes over a state file that `swarm` fetched and verified piece by piece. `committed`: the rounds since the base
     * that it leaves, the newest ones, with what each took of our contribution; null where nobody knows.
     */
    adopt: {
      params: v.object({
        round: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
        id: digest,
        baseDigest: digest,
        path,
        committed: v.pipe(
          v.array(v.object({ round: count, taken: v.nullable(takenBits) })),
          v.maxLength(ROUNDS_FOLLOWED),
        ),
      }),
      result: standingSchema,
    },
    /** Sketches of some micro-batches of another miner's first inner step, at the committed base. */
    recompute: {
      params: v.object({
        round: count,
        hotkey: address,
        blockHash: digest,
        microBatches: v.pipe(v.array(count), v.maxLength(64)),
      }),
      result: v.object({ sketches: v.array(v.array(finite)) }),
    },
    /**
     * What a contribution does to the loss, at the base of its round, and what became of the round: on a stretch of what its
     * miner claims to have trained on, and on one as long of a random page, both drawn by a secret nonce. Means in nats per token. undecodable: the file
     * is no contribution in that codec; not-finite: the model gives no finite loss once it is taken in; other-page: the
     * record claims a page that was not assigned.
     */
    effect: {
      params: v.object({
        round: count,
        hotkey: address,
        blockHash: digest,
        codec: codecSchema,
        /** The encoded chunks one behind the other, as `fetchContribution` of `swarm` left them. */
        path,
        /** A claimed page, drawn at the earliest by that draw, and how many of its sequences are claimed. */
        page: v.object({ draw: count, index: count, sequences: positive, sha256: digest }),
        /** Sequences of a stretch. */
        sequences: v.pipe(positive, v.maxValue(EFFECT_SEQUENCES_MAX)),
        nonce: digest,
      }),
      result: v.variant('kind', [
        v.object({
          kind: v.literal('measured'),
          assigned: lossesSchema,
          random: lossesSchema,
          /** All that went through the model. */
          tokens: count,
        }),
        v.object({ kind: v.literal('undecodable') }),
        v.object({ kind: v.literal('not-finite') }),
        v.object({ kind: v.literal('other-page') }),
      ]),
    },
    /** Mean loss of the committed base on held-out text, in nats per token. */
    evaluate: { params: v.object({ windows: count }), result: v.object({ loss: finite, tokens: count }) },
    /**
     * Text that the committed base writes, and words of the held-out text that it goes on from. Training goes on; the
     * same seed on the same base gives the same text.
     */
    sample: {
      params: v.object({
        prompt: v.pipe(count, v.maxValue(SAMPLE_PROMPTS - 1)),
        tokens: v.pipe(count, v.minValue(1), v.maxValue(256)),
        seed: count,
      }),
      result: v.object({
        /** Of the base that wrote; -1 for the initial weights. */
        round: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
        prompt: sampledText,
        text: sampledText,
        /** Time that it took of the process's own thread. */
        workMs: finite,
      }),
    },
  },
  events: {
    /** On each change, and whenever a round opens or training is allowed or stopped. */
    activity: activitySchema,
    /** On each change, where text is fetched. */
    text: textStateSchema,
    step: v.object({
      atMs: finite,
      /** Inner steps since this hotkey began, and within the round. */
      step: count,
      round: v.nullable(count),
      innerStep: count,
      loss: finite,
      lr: finite,
      gradNorm: finite,
      /** Tokens and time of all steps since the last event. */
      tokens: count,
      stepMs: finite,
    }),
    /** Steps since the last such event that were not taken, because their gradient was not finite. */
    skipped: v.object({ steps: count }),
  },
});

export type TrainContract = typeof trainContract;
