import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Standing } from '../../src-shared/contract/train.ts';
import type { Journal } from './journal.ts';
import { SWARM_CALL_LIMIT_MS } from './limits.ts';

/** Newcomers may have our state, with the list that proves it. A state whose proof is not here yet is not offered. */
export async function offerState(
  swarm: ChildClient<SwarmContract>,
  journal: Journal,
  { round, baseDigest, state }: Standing,
  signal: AbortSignal,
): Promise<void> {
  if (round >= 0 && journal.lineage.at(-1)?.round !== round) return;
  const offer = { ...state, baseDigest, lineage: [...journal.lineage] };
  await swarm
    .call('offerState', offer, withLimit(signal, SWARM_CALL_LIMIT_MS))
    .catch((error: unknown) => signal.aborted || console.error('offering the state failed', error));
}
