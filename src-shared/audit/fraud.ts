import * as v from 'valibot';
import { address, count, digest } from '../contract/fields.ts';

/** A fraud proof by what is told of it; the proof itself is fetched by its digest. */
export const fraudSchema = v.object({
  /** Of the wrong result. */
  round: count,
  accused: address,
  chunk: count,
  /** SHA-256 of the encoded proof, and its length. */
  digest,
  sizeBytes: count,
});

export type Fraud = v.InferOutput<typeof fraudSchema>;

/** Hotkeys that one word may accuse: the newest. */
export const ACCUSED_MAX = 16;

/** What a witness says to everybody: whom it found or saw proven to have lied. */
export const accusationsSchema = v.object({
  round: count,
  frauds: v.pipe(v.array(fraudSchema), v.minLength(1), v.maxLength(ACCUSED_MAX)),
});

export type AccusationsPayload = v.InferOutput<typeof accusationsSchema>;
