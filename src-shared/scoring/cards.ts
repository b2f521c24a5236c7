import * as v from 'valibot';
import { address, count, finite, share } from '../contract/fields.ts';
import type { ScoreCard } from '../contract/page/runs.ts';
import { SCORE_TERMS_MAX } from '../profile/schema.ts';
import { SIGNATURE_CHARS } from '../rounds/signed-text.ts';
import { decodeWire } from '../wire.ts';
import { whySchema } from './why.ts';

/**
 * A validator's score cards as they travel to miners: bounded, plain JSON with the hotkey's signature behind it, parsed at
 * the door. What was said to a miner so can be shown to others (dispute.ts).
 */
export const MAX_CARDS = 256;
/** With the signature. */
export const MAX_CARDS_CHARS = 262_144;
const TEXT_CHARS = MAX_CARDS_CHARS - SIGNATURE_CHARS;

const cardSchema = v.object({
  hotkey: address,
  uid: v.pipe(count, v.maxValue(65_535)),
  total: v.nullable(finite),
  average: v.nullable(finite),
  weightShare: v.nullable(share),
  terms: v.pipe(
    v.record(v.pipe(v.string(), v.maxLength(32)), v.object({ value: v.nullable(finite), why: whySchema })),
    v.check((terms) => Object.keys(terms).length <= SCORE_TERMS_MAX),
  ),
});

const cardSetSchema = v.object({
  validator: address,
  round: count,
  updatedAtMs: count,
  cards: v.pipe(v.array(cardSchema), v.maxLength(MAX_CARDS)),
});

export type CardSet = v.InferOutput<typeof cardSetSchema>;

/** The highest averages first, so that a set that must be cut keeps those it matters for. */
export function encodeCards(set: Omit<CardSet, 'cards'> & { readonly cards: readonly ScoreCard[] }): string {
  const cards = [...set.cards].sort((a, b) => (b.average ?? 0) - (a.average ?? 0)).slice(0, MAX_CARDS);
  const text = JSON.stringify({ ...set, cards });
  if (text.length <= TEXT_CHARS) return text;
  return encodeCards({ ...set, cards: cards.slice(0, cards.length >> 1) });
}

/** @returns null when the text is not a card set of that validator */
export function parseCards(json: string, validator: string): CardSet | null {
  try {
    const parsed = v.safeParse(cardSetSchema, decodeWire(json, TEXT_CHARS));
    return parsed.success && parsed.output.validator === validator ? parsed.output : null;
  } catch {
    return null;
  }
}
