import type { RunFacts } from '../../src-shared/contract/page/runs.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';

/** The name of the network that a practice brings along. */
export const PRACTICE_NETWORK = 'practice';

/** What the page says of a practice before and while it runs. @param continuesAtRound null for one that begins now */
export const practiceFacts = ({ consensus, local }: Profile, continuesAtRound: number | null): RunFacts => ({
  profile: consensus.name,
  profileHash: profileHash(consensus),
  netuid: consensus.chain.netuid,
  role: 'miner',
  mark: local.mark,
  startedAtMs: Date.now(),
  network: PRACTICE_NETWORK,
  controls: ['pause', 'stop', 'start-over'],
  continuesAtRound,
});
