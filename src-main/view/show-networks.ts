import { withLimit } from '../../src-node/waits.ts';
import type { NetworkView } from '../../src-shared/contract/page/network.ts';
import type { Network } from '../network/client.ts';
import { knownNetwork } from '../network/known.ts';
import type { Networks } from '../network/networks.ts';
import { BlockTimer } from './chain-view.ts';
import { CLOCK_LIMIT_MS, CLOCK_LOOKED_MS, CLOCK_OFF_MS } from './limits.ts';
import type { ViewKeeper } from './view-keeper.ts';

/** Shows the networks that are open, and whether this computer's clock agrees with their time. @returns what ends it */
export function showNetworks(
  networks: Networks,
  keeper: ViewKeeper,
  markOf: (name: string) => string | null,
): () => void {
  const timers = new Map<string, BlockTimer>();
  const stopping = new AbortController();
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  function show(): void {
    for (const name of timers.keys()) if (!networks.all.has(name)) timers.delete(name);
    keeper.update({ networks: [...networks.all].map(([name, network]) => viewOf(name, network)) });
    const [first] = networks.all.values();
    if (first && performance.now() - lookedAtMs >= CLOCK_LOOKED_MS) void compareClock(first);
  }

  function viewOf(name: string, network: Network): NetworkView {
    const timer = timers.get(name) ?? new BlockTimer();
    timers.set(name, timer);
    if (network.head) timer.note(network.head);
    return {
      name,
      endpoint: network.endpoint,
      genesis: network.genesisHash,
      connected: network.connected,
      block: network.head?.number ?? null,
      finalizedAtMs: network.finalized?.seenAtMs ?? null,
      blockMs: timer.blockMs,
      mark: knownNetwork(network.genesisHash)?.mark ?? markOf(name),
    };
  }

  /** A finalized block is a little old when it arrives, so small differences mean nothing. */
  async function compareClock(network: Network): Promise<void> {
    lookedAtMs = performance.now();
    const { finalized } = network;
    if (!finalized) return;
    const limit = withLimit(stopping.signal, CLOCK_LIMIT_MS);
    const chainMs = await network.blockTimeMs(finalized.hash, limit).catch(() => null);
    if (chainMs === null) return;
    const offByMs = Date.now() - chainMs;
    keeper.update({ clock: Math.abs(offByMs) > CLOCK_OFF_MS ? { offByMs } : null });
  }

  const off = networks.onChange(show);
  return () => {
    stopping.abort();
    off();
  };
}
