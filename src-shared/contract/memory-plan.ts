import * as v from 'valibot';
import { count, shortText } from './fields.ts';

/** What an engine's memory is for: the model and the base beside it, and what training holds for them. */
export const MEMORY_USES = ['weights', 'gradient', 'optimizer', 'activations', 'scratch'] as const;

export type MemoryUse = (typeof MEMORY_USES)[number];

/**
 * How parameters and states of training are held, by the bytes that they take for a parameter without the base: weights,
 * gradient and moments in f32 (W16), moments in bf16 (W12); the same with weights of 16 bits beside (W18, W14).
 */
export const STATE_POLICIES = ['W18', 'W16', 'W14', 'W12'] as const;

export type StatePolicy = (typeof STATE_POLICIES)[number];

/** How an engine came to fit into its memory, all of which is taken at its start. */
export const memoryPlanSchema = v.object({
  /** What computes, as a person knows it. */
  device: shortText,
  /** Of what is multiplied; sums, residual stream and master weights are f32. */
  precision: v.picklist(['f32', 'f16']),
  policy: v.picklist(STATE_POLICIES),
  /** One input is kept for each layer, and the layer computed again on the way back. */
  checkpointing: v.boolean(),
  /** Sequences that go through the model at a time; a larger micro-batch takes several passes. */
  passSequences: v.pipe(count, v.minValue(1)),
  bytes: v.object({
    weights: count,
    gradient: count,
    optimizer: count,
    activations: count,
    scratch: count,
  } satisfies Record<MemoryUse, typeof count>),
  /** Parameters that wait in the computer's own memory while the committed base stands in their place. */
  waitingBytes: v.optional(count, 0),
  /** What could be had when it was planned; null where nobody can tell. */
  budgetBytes: v.nullable(count),
});

export type MemoryPlan = v.InferOutput<typeof memoryPlanSchema>;

/** All bytes of a plan. */
export const planBytes = ({ bytes }: Pick<MemoryPlan, 'bytes'>): number =>
  MEMORY_USES.reduce((sum, use) => sum + bytes[use], 0);
