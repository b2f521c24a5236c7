import { withLimit } from '../../src-node/waits.ts';
import type { BlockRef } from './chain.ts';
import type { Network } from './client.ts';
import { CLOCK_HEADS, CLOCK_LIMIT_MS, CLOCK_LOOKED_MS, CLOCK_OFF_MS, CLOCK_STEADY_MS } from './limits.ts';
import type { Networks } from './networks.ts';

/**
 * Compares this computer's clock with the time that blocks state of themselves, on the networks of other machines: a
 * chain on this one goes by this very clock.
 * @param told by how much the clock is ahead (behind where negative); null while it is right or not known
 * @returns what ends it
 */
export function watchClock(
  networks: Pick<Networks, 'all' | 'onChange'>,
  told: (offByMs: number | null) => void,
  nowMs: () => number = () => performance.now(),
): () => void {
  const stopping = new AbortController();
  const watched = new Map<Network, () => void>();
  const words = new Map<Network, number | null>();

  /** A chain that agrees with the clock is believed before one that does not: two clocks are wrong less often than one. */
  function tell(): void {
    const offs = [...words.values()].filter((off) => off !== null);
    told(offs.length > 0 && offs.length === words.size ? (offs[0] ?? null) : null);
  }

  function attend(): void {
    const open = new Set(networks.all.values());
    for (const [network, leave] of watched) {
      if (open.has(network)) continue;
      leave();
      watched.delete(network);
      words.delete(network);
    }
    for (const network of open) if (!watched.has(network)) watched.set(network, compare(network));
    tell();
  }

  function compare(network: Network): () => void {
    let seen: readonly number[] = [];
    let newest = -1;
    let dueMs = Number.NEGATIVE_INFINITY;

    async function look({ number, hash, seenAtMs }: BlockRef): Promise<void> {
      if (number <= newest || nowMs() < dueMs || isOfThisMachine(network.endpoint)) return;
      newest = number;
      dueMs = nowMs() + CLOCK_LOOKED_MS;
      const limit = withLimit(stopping.signal, CLOCK_LIMIT_MS);
      const statedMs = await network.blockTimeMs(hash, limit).catch(() => null);
      if (statedMs === null || !watched.has(network)) return;
      seen = [...seen, seenAtMs - statedMs].slice(-CLOCK_HEADS);
      const word = wordOf(seen);
      if (word === undefined) return;
      words.set(network, word);
      tell();
    }
    return network.on('head', (head) => void look(head));
  }

  const off = networks.onChange(attend);
  attend();
  return () => {
    stopping.abort();
    off();
    for (const leave of watched.values()) leave();
  };
}

/**
 * What the arrivals of heads say of the clock; undefined while they say nothing. One head alone may be late: it stood
 * there when the line opened, or waited while this computer slept. A node that catches up tells older blocks at a
 * quicker pace than the clock's, so what it says changes from head to head.
 */
function wordOf(offsMs: readonly number[]): number | null | undefined {
  const newest = offsMs.at(-1) ?? 0;
  if (Math.abs(newest) <= CLOCK_OFF_MS) return null;
  const spreadMs = Math.max(...offsMs) - Math.min(...offsMs);
  return offsMs.length === CLOCK_HEADS && spreadMs <= CLOCK_STEADY_MS ? newest : undefined;
}

/** Whole: a name such as 127.example.org is somebody else's. */
const LOOPBACK_V4 = /^127(\.\d{1,3}){3}$/;

function isOfThisMachine(endpoint: string): boolean {
  const { hostname } = new URL(endpoint);
  return hostname === 'localhost' || hostname === '[::1]' || LOOPBACK_V4.test(hostname);
}
