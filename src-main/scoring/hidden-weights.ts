import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { address, count } from '../../src-shared/contract/fields.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Neuron } from '../network/chain.ts';
import { HIDDEN_WEIGHTS_KEPT } from './limits.ts';

const u16 = v.pipe(count, v.maxValue(65_535));
const hashText = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const hiddenSchema = v.pipe(
  v.array(
    v.object({
      /** Block of the commit; null until its fate is known. */
      block: v.nullable(count),
      /** From here on the chain may open it, or is told it. */
      revealBlock: count,
      versionKey: count,
      weights: v.array(v.object({ uid: u16, hotkey: address, weight: u16 })),
      /** What has to be told to the chain; null where it opens the commit by itself. */
      secret: v.nullable(v.object({ hash: hashText, salt: v.array(u16) })),
      /** Last block of a telling that was sent and whose fate nobody knows; null where none was. */
      toldUntil: v.optional(v.nullable(count), null),
    }),
  ),
  v.maxLength(2 * HIDDEN_WEIGHTS_KEPT),
);

/** Weights as they were committed, and for whom. */
export type HiddenCommit = v.InferOutput<typeof hiddenSchema>[number];

/** What this validator has committed and nobody can read yet; the newest last. Outlives a restart. */
export interface HiddenWeights {
  all(): Promise<readonly HiddenCommit[]>;
  /** On disk before this resolves: a salt that is lost makes its commit worthless. */
  add(commit: HiddenCommit): Promise<void>;
  /** The commit is in a block now. */
  included(commit: HiddenCommit, block: number): Promise<void>;
  /** The commit is told in a transaction that blocks up to this one take; null where none is under way. */
  telling(commit: HiddenCommit, until: number | null): Promise<void>;
  drop(commit: HiddenCommit): Promise<void>;
}

/**
 * The file of them. It holds salts: who reads one before its weights are told could know those weights; it is no key,
 * and moves no money.
 */
export const hiddenWeightsFile = (path: string, told: (error: CodedError) => void): HiddenWeights =>
  hiddenWeights(durableJson({ path, schema: hiddenSchema, told }));

export function hiddenWeights(file: Pick<DurableJson<HiddenCommit[]>, 'read' | 'write'>): HiddenWeights {
  let known: Promise<readonly HiddenCommit[]> | null = null;
  const all = () => {
    known ??= file.read().then((commits) => commits ?? []);
    return known;
  };
  async function become(commits: readonly HiddenCommit[]): Promise<void> {
    // No number of attempts pushes out what the chain waits for.
    const newest = [commits.filter(isOwed), commits.filter((one) => !isOwed(one))];
    const ours = new Set(newest.flatMap((some) => some.slice(-HIDDEN_WEIGHTS_KEPT)));
    const kept = commits.filter((one) => ours.has(one));
    await file.write(kept);
    known = Promise.resolve(kept);
  }
  const change = async (commit: HiddenCommit, news: Partial<HiddenCommit>) =>
    become((await all()).map((one) => (isSame(one, commit) ? { ...one, ...news } : one)));
  return {
    all,
    add: async (commit) => become([...(await all()), commit]),
    included: (commit, block) => change(commit, { block }),
    telling: (commit, toldUntil) => change(commit, { toldUntil }),
    drop: async (commit) => become((await all()).filter((one) => !isSame(one, commit))),
  };
}

/** Whether the chain holds its hash, and waits to be told. */
const isOwed = ({ block, secret }: HiddenCommit): boolean => block !== null && secret !== null;

/** A salt is never used twice; those without one are told apart by what is known of them. */
const isSame = (a: HiddenCommit, b: HiddenCommit): boolean =>
  a.secret?.hash === b.secret?.hash &&
  (a.secret !== null || (a.revealBlock === b.revealBlock && a.block === b.block));

/** Uids that weights still hidden at this block were meant for another hotkey of. */
export function outdatedUids(
  { block, revealBlock, weights }: HiddenCommit,
  neurons: readonly Neuron[],
  now: number,
): readonly number[] {
  if (block === null || now >= revealBlock) return [];
  const holders = new Map<number, Ss58>(neurons.map(({ uid, hotkey }) => [uid, hotkey]));
  return weights.filter(({ uid, hotkey }) => (holders.get(uid) ?? hotkey) !== hotkey).map(({ uid }) => uid);
}
