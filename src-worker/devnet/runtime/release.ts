import type { DevnetSpec } from '../../../src-shared/contract/devnet.ts';

/**
 * A release of Subtensor’s runtime that these rules can follow: what it has that others have not. Descriptions and
 * rules ask for what they need by name, never for a version.
 */
export interface Release {
  readonly specVersion: DevnetSpec;
  /**
   * The price of a place falls with every block and rises with every place sold, and a buyer may name the most that he
   * pays. Before, it is set anew after an interval, and places are counted.
   */
  readonly burnDecay: boolean;
  /** Epochs go by what the state says of the last one; before, by block numbers alone. */
  readonly dynamicTempo: boolean;
  /** Hyperparameters are told one by one, by their names. */
  readonly namedHyperparameters: boolean;
  /** Rank, trust and pruning scores are kept of each neuron. */
  readonly ranks: boolean;
  /** What was staked in a block cannot leave in it. */
  readonly stakesRest: boolean;
  /** Stake can be bound to a hotkey, and what is bound does not leave. */
  readonly locks: boolean;
  /** Weights are not taken for a round of the beacon that is over. */
  readonly refusesPastRounds: boolean;
}

/** Mainnet in the spring of 2026: what a chain begins with unless it is told otherwise. */
export const release393: Release = {
  specVersion: 393,
  burnDecay: false,
  dynamicTempo: false,
  namedHyperparameters: false,
  ranks: true,
  stakesRest: true,
  locks: false,
  refusesPastRounds: false,
};

/**
 * Mainnet in the summer of 2026, as far as its public text could be read. Not in it: raw shares in a second layout,
 * emission that looks at burnt incentive, what locks of stake earn (conviction, a change of owner, the
 * owner’s cut locked by itself), and the owner’s calls for tempo and epochs.
 */
export const release425: Release = {
  specVersion: 425,
  burnDecay: true,
  dynamicTempo: true,
  namedHyperparameters: true,
  ranks: false,
  stakesRest: false,
  locks: true,
  refusesPastRounds: true,
};

/** All of them, rising. */
export const RELEASES: readonly Release[] = [release393, release425];

export const releaseOf = (specVersion: number): Release | null =>
  RELEASES.find((release) => release.specVersion === specVersion) ?? null;
