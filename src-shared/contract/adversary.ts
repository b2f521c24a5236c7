import * as v from 'valibot';
import { type Hex, hex } from '../units.ts';

/**
 * Dishonest peers of a practice, by the part that is composed otherwise: the labour of `train`, the protocols of
 * `swarm`, what a host writes on chain. All else about each of them is honest.
 */
export const trainAdversarySchema = v.picklist([
  'free-rider',
  'stale-base',
  'half-worker',
  'duplicate-pages',
  'replayer',
  'decoy',
  'poisoner',
  'non-finite',
  'check-only',
]);
export const swarmAdversarySchema = v.picklist([
  'lying-reducer',
  'withholder',
  'staller',
  'copier',
  'equivocator',
  'over-claimer',
  'under-declarer',
  'sybil-pair',
  'false-witness',
]);
export const hostAdversarySchema = v.picklist(['colluding-validator', 'false-witness']);

/** Each by one name, whichever of its parts are its own. */
export const adversaries = [
  ...new Set([
    ...trainAdversarySchema.options,
    ...swarmAdversarySchema.options,
    ...hostAdversarySchema.options,
  ]),
];
export const adversarySchema = v.picklist(adversaries);

export type Adversary = v.InferOutput<typeof adversarySchema>;
export type TrainAdversary = v.InferOutput<typeof trainAdversarySchema>;
export type SwarmAdversary = v.InferOutput<typeof swarmAdversarySchema>;
export type HostAdversary = v.InferOutput<typeof hostAdversarySchema>;

/** What of an adversary one part is; null: that part of it is honest. */
export const partOf = <T extends string>(
  { options }: { readonly options: readonly T[] },
  adversary: Adversary | null,
): T | null => options.find((name) => name === adversary) ?? null;

/** What a false witness says instead of a digest: its bits turned, the same each time. */
export const turnedDigest = (digest: Hex): Hex =>
  hex([...digest].map((digit) => (15 - Number.parseInt(digit, 16)).toString(16)).join(''));
