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
    }),
  ),
  v.maxLength(HIDDEN_WEIGHTS_KEPT),
);

/** Weights as they were committed, and for whom. */
export type HiddenCommit = v.InferOutput<typeof hiddenSchema>[number];

/** What this validator has committed and nobody can read yet; the newest last. Outlives a restart. */
export interface HiddenWeights {
  all(): Promise<readonly HiddenCommit[]>;
  /** On disk before this resolves: a salt that is lost makes its commit worthless. */
  add(commit: HiddenCommit): Promise<void>;
  /** The commit of this reveal block is in a block now. */
  included(commit: HiddenCommit, block: number): Promise<void>;
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
    const kept = commits.slice(-HIDDEN_WEIGHTS_KEPT);
    await file.write(kept);
    known = Promise.resolve(kept);
  }
  const isSame = (a: HiddenCommit, b: HiddenCommit) =>
    a.revealBlock === b.revealBlock && a.secret?.hash === b.secret?.hash;
  return {
    all,
    add: async (commit) => become([...(await all()), commit]),
    included: async (commit, block) =>
      become((await all()).map((one) => (isSame(one, commit) ? { ...one, block } : one))),
    drop: async (commit) => become((await all()).filter((one) => !isSame(one, commit))),
  };
}

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
