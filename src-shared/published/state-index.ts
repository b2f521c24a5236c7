import * as v from 'valibot';
import { shortText } from '../contract/fields.ts';
import { compareTags, stateTagSchema } from './manifest.ts';

/**
 * What a folder of states has, as a file in it: a server of the web lists nothing, so whoever reads through one asks for
 * this. It is a claim like any other; what it names is held against its manifest, and against the chain.
 */
export const STATE_INDEX = 'states.json';
/** Longest such file: one of `INDEXED_STATES_MAX` states takes some 600 kB. */
export const STATE_INDEX_BYTES_MAX = 2 * 1024 * 1024;
/** States that it may name; a run that keeps every one for a year comes to some thousands. */
export const INDEXED_STATES_MAX = 10_000;

export const storedStateSchema = v.object({
  tag: stateTagSchema,
  /** What the store itself knows the state by: a commit, an ETag; opaque. */
  revision: shortText,
});

/** A state that a store has whole. */
export type StoredState = Readonly<v.InferOutput<typeof storedStateSchema>>;

const indexSchema = v.object({
  format: v.literal(1),
  states: v.pipe(v.array(storedStateSchema), v.maxLength(INDEXED_STATES_MAX)),
});

export const writeStateIndex = (states: readonly StoredState[]): string =>
  `${JSON.stringify({ format: 1, states }, null, 1)}\n`;

/** @returns each state once, oldest first; null for a text that is no such list */
export function readStateIndex(text: string): readonly StoredState[] | null {
  try {
    const { states } = v.parse(indexSchema, JSON.parse(text));
    const named = new Map(states.map((state) => [state.tag, state]));
    return [...named.values()].sort((a, b) => compareTags(a.tag, b.tag));
  } catch {
    return null;
  }
}
