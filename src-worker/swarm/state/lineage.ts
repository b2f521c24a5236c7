import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { LineageEntry } from '../../../src-shared/rounds/messages.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { ask } from '../net/ask.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import { LINEAGE_LIMIT_MS, LINEAGE_MAX_BYTES } from './limits.ts';
import { lineageSchema, type StateQuestion } from './protocol.ts';

/**
 * The list of committed rounds from one peer, or the longest that any connected peer gives. Its hash chain is the
 * host's to check.
 * @throws {AppError} PEER_REFUSED when nobody gives one
 */
export async function fetchLineage(
  network: Network,
  hotkey: Ss58 | null,
  signal: AbortSignal,
): Promise<LineageEntry[]> {
  const limits = { maxBytes: LINEAGE_MAX_BYTES, limitMs: LINEAGE_LIMIT_MS, signal };
  const peers = hotkey ? [hotkey] : network.peers();
  const lists = await Promise.all(
    peers.map(async (peer) => {
      const question: StateQuestion = { kind: 'lineage' };
      const to = { hotkey: peer, protocol: 'state' } as const;
      const answer = await ask(network, to, toBytes(question), limits).catch(() => null);
      return answer && fromBytes(lineageSchema, answer);
    }),
  );
  signal.throwIfAborted();
  const [longest] = lists.filter((list) => list !== null).sort((a, b) => b.length - a.length);
  if (!longest) throw new AppError('PEER_REFUSED', { peer: hotkey ?? 'any' });
  return longest;
}
