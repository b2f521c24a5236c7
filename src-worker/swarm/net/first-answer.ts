import { pause, underEither } from '../../../src-node/waits.ts';
import type { Ss58 } from '../../../src-shared/units.ts';

/**
 * The first answer of any of them that counts. While one does not answer the next is asked beside it: who keeps silent
 * holds up nobody.
 * @param how.atOnce so many are asked at a time, each next one only where none has answered for `nextAfterMs`
 * @param askPeer null, or a throw, is no answer
 * @returns null when nobody gave one, or the signal aborted
 */
export async function firstAnswer<T>(
  from: Iterable<Ss58>,
  askPeer: (peer: Ss58, signal: AbortSignal) => Promise<T | null>,
  how: { readonly atOnce: number; readonly nextAfterMs: number },
  signal: AbortSignal,
): Promise<T | null> {
  const peers = from[Symbol.iterator]();
  const enough = new AbortController();
  let found: T | null = null;
  let asking = 0;
  const askOn = async (beforeMs: number, either: AbortSignal): Promise<void> => {
    await pause(beforeMs, either);
    for (let next = peers.next(); !next.done; next = peers.next()) {
      if (either.aborted) return;
      asking++;
      const answer = await askPeer(next.value, either).catch(() => null);
      asking--;
      found ??= answer;
      if (found !== null) return enough.abort();
    }
    // All have answered: whoever was to be asked beside them is none of them.
    if (asking === 0) enough.abort();
  };
  await underEither([signal, enough.signal], (either) =>
    Promise.all(Array.from({ length: how.atOnce }, (_, i) => askOn(i * how.nextAfterMs, either))),
  );
  return found;
}
