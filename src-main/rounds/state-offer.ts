import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Standing } from '../../src-shared/contract/train.ts';
import { type CommittedBase, verifyLineage } from '../../src-shared/rounds/lineage.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Journal } from './journal.ts';
import { SWARM_CALL_LIMIT_MS } from './limits.ts';
import { listsOfRounds } from './state-loading.ts';
import type { StateSource } from './state-source.ts';

interface Offering {
  readonly swarm: ChildClient<SwarmContract>;
  readonly journal: Journal;
  readonly genesis: CommittedBase;
  readonly source: StateSource | null;
  /** Who is connected. */
  readonly peers: () => readonly Ss58[];
  /** What we stand on now. */
  readonly standing: () => Standing;
  readonly signal: AbortSignal;
}

/** Newcomers may have our state, with the list of rounds that proves it. */
export interface StateOffer {
  /** Whether the list on our disk leads to what we stand on. */
  readonly isProven: boolean;
  /** Offers it. A list that the disk has lost is asked of peers and stores first; without one nothing is offered. */
  offer(): Promise<void>;
}

export function stateOffer({
  swarm,
  journal,
  genesis,
  source,
  peers,
  standing,
  signal,
}: Offering): StateOffer {
  let asking: Promise<void> | null = null;
  const isProven = () => {
    const { round } = standing();
    return round < 0 || journal.lineage.at(-1)?.round === round;
  };

  /** The hash chain of whatever comes has to lead to what we stand on, so nobody is believed. */
  async function findProof(): Promise<void> {
    const { id } = standing();
    for await (const entries of listsOfRounds(swarm, { donors: peers(), source }, signal)) {
      signal.throwIfAborted();
      const bases = verifyLineage(entries, genesis, id);
      // Another base may have been committed meanwhile, whose list is no longer this one.
      if (bases && standing().id === id) return journal.saveLineage(entries.slice(0, bases.length - 1));
    }
  }

  return {
    get isProven() {
      return isProven();
    },
    async offer() {
      if (!isProven()) {
        asking ??= findProof().finally(() => {
          asking = null;
        });
        await asking.catch((error: unknown) => signal.aborted || console.error('no list of rounds', error));
      }
      if (!isProven() || signal.aborted) return;
      const { baseDigest, state } = standing();
      const offered = { ...state, baseDigest, lineage: [...journal.lineage] };
      await swarm
        .call('offerState', offered, withLimit(signal, SWARM_CALL_LIMIT_MS))
        .catch((error: unknown) => signal.aborted || console.error('offering the state failed', error));
    },
  };
}
