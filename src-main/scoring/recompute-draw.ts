import { sha256 } from '../../src-node/sha256.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import type { Ready } from '../../src-shared/rounds/messages.ts';
import { rosterDigest } from '../../src-shared/rounds/signed.ts';
import { type Checks, drawnForCheck } from '../../src-shared/scoring/checks.ts';
import type { Chain } from '../network/chain.ts';
import { CHAIN_READ_LIMIT_MS } from './limits.ts';

/**
 * Whose first steps are recomputed: all that are ready, or so many of them as the profile bounds. The roster's digest hangs
 * on every work record in it, so whoever wrote one did not know whom it would draw.
 */
export async function drawnToRecompute(
  chain: Pick<Chain, 'metagraph'>,
  { recomputedPerRound: most, everyRounds }: Checks,
  { round, blockHash, roster, readies }: JudgedRound,
  signal: AbortSignal,
): Promise<readonly Ready[]> {
  const working = readies.filter(({ weight }) => weight > 0);
  if (working.length <= most) return working;
  const neurons = await chain.metagraph(null, withLimit(signal, CHAIN_READ_LIMIT_MS));
  const uids = new Map(neurons.map(({ hotkey, uid }) => [hotkey, uid]));
  const candidates = working.flatMap((ready) => {
    const uid = uids.get(ready.hotkey);
    return uid === undefined ? [] : [{ hotkey: ready.hotkey, uid, ready }];
  });
  const seed = roster ? rosterDigest(roster) : blockHash;
  return drawnForCheck(candidates, { round, seed, everyRounds, most }, sha256).map(({ ready }) => ready);
}
