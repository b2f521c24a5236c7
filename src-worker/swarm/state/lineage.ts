import { underEither } from '../../../src-node/waits.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { LineageEntry } from '../../../src-shared/rounds/messages.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { ask } from '../net/ask.ts';
import { firstAnswer } from '../net/first-answer.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import {
  LINEAGE_ASKS_AT_ONCE,
  LINEAGE_LIMIT_MS,
  LINEAGE_LONGER_MS,
  LINEAGE_MAX_BYTES,
  LINEAGE_NEXT_AFTER_MS,
  LINEAGES_COMPARED,
} from './limits.ts';
import { lineageSchema, type StateQuestion } from './protocol.ts';

/**
 * The list of committed rounds from one peer, or the longest that a few of those give who are connected: a list takes
 * megabytes after years, so not everybody is asked. Its hash chain is the host's to check, which asks by name where this one
 * does not lead to the base.
 * @throws {AppError} PEER_REFUSED when nobody gives one
 */
export async function fetchLineage(
  network: Network,
  hotkey: Ss58 | null,
  signal: AbortSignal,
): Promise<LineageEntry[]> {
  const found = hotkey
    ? await askPeer(network, hotkey, signal).catch(() => null)
    : await longestOfFew(network, signal);
  signal.throwIfAborted();
  if (!found) throw new AppError('PEER_REFUSED', { peer: hotkey ?? 'any' });
  return found;
}

/** The others have a moment once one has given its list; who is a newcomer itself has an empty one, which ends nothing. */
async function longestOfFew(network: Network, signal: AbortSignal): Promise<LineageEntry[] | null> {
  const how = { atOnce: LINEAGE_ASKS_AT_ONCE, nextAfterMs: LINEAGE_NEXT_AFTER_MS };
  const enough = new AbortController();
  let longest: LineageEntry[] | null = null;
  let patience: NodeJS.Timeout | null = null;
  let given = 0;
  await underEither([signal, enough.signal], (either) =>
    firstAnswer(
      network.peers(),
      async (peer, until) => {
        const list = await askPeer(network, peer, until);
        if (list && list.length >= (longest?.length ?? 0)) longest = list;
        if (!list?.length) return null;
        patience ??= setTimeout(() => enough.abort(), LINEAGE_LONGER_MS);
        return ++given === LINEAGES_COMPARED ? list : null;
      },
      how,
      either,
    ),
  );
  if (patience) clearTimeout(patience);
  return longest;
}

async function askPeer(network: Network, hotkey: Ss58, signal: AbortSignal): Promise<LineageEntry[] | null> {
  const limits = { maxBytes: LINEAGE_MAX_BYTES, limitMs: LINEAGE_LIMIT_MS, signal };
  const question: StateQuestion = { kind: 'lineage' };
  return fromBytes(
    lineageSchema,
    await ask(network, { hotkey, protocol: 'state' }, toBytes(question), limits),
  );
}
