import type { Consensus } from './schema.ts';

/** Parts of a profile that must name one thing for ever, in the order in which a person reads them. */
export type UnpinnedPart =
  | 'dataset.revision'
  | 'dataset.manifest'
  | 'initialWeights.digest'
  | 'chain.identity.ownerColdkey'
  | 'chain.genesis';

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * What of a profile may still mean different things to different peers, or another thing tomorrow: a branch of a data
 * set that moves, weights that nobody has computed, a subnet of whoever has its number by then. Empty where all is
 * pinned.
 */
export function unpinnedParts({ dataset, initialWeights, chain }: Consensus): readonly UnpinnedPart[] {
  const parts: readonly (readonly [UnpinnedPart, boolean])[] = [
    ['dataset.revision', !('revision' in dataset) || COMMIT.test(dataset.revision)],
    ['dataset.manifest', dataset.manifest !== null],
    ['initialWeights.digest', initialWeights.digest !== null],
    ['chain.identity.ownerColdkey', chain.identity.ownerColdkey !== null],
    ['chain.genesis', chain.genesis !== undefined],
  ];
  return parts.flatMap(([part, isPinned]) => (isPinned ? [] : [part]));
}
