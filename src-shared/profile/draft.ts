import type { Hex, Ss58 } from '../units.ts';
import { profileHash } from './profile.ts';
import type { Consensus, Profile } from './schema.ts';

export interface DraftOptions {
  /** What the run takes over but for what follows: a shipped profile, or any other. */
  readonly base: Consensus;
  readonly name: string;
  readonly chain: {
    readonly genesis: Hex;
    readonly netuid: number;
    readonly subnetName: string;
    readonly ownerColdkey: Ss58;
  };
  readonly witnesses: Consensus['witnesses'];
  readonly local: Profile['local'];
  /** The run that this one takes over from, and the round after which. */
  readonly predecessor: { readonly consensus: Consensus; readonly afterRound: number } | null;
}

/**
 * A run of one's own, not pinned yet. Its weights are its own: the seed has its name, and nobody has computed them; only
 * one that keeps the name has them of before.
 */
export function draftProfile({ base, name, chain, witnesses, local, predecessor }: DraftOptions): Profile {
  const keepsWeights = name === base.name;
  return {
    consensus: {
      ...base,
      name,
      predecessor: predecessor && {
        hash: profileHash(predecessor.consensus),
        afterRound: predecessor.afterRound,
      },
      chain: {
        netuid: chain.netuid,
        genesis: chain.genesis,
        identity: { name: chain.subnetName, ownerColdkey: chain.ownerColdkey },
      },
      initialWeights: keepsWeights ? base.initialWeights : { seed: `butterfly/${name}/1`, digest: null },
      witnesses,
    },
    local,
  };
}
