import type { EventOf } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Ready } from '../../src-shared/rounds/messages.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { LastingClient } from './children.ts';
import { RATE_AVERAGE_REPORTS } from './limits.ts';

export interface KnownPeer {
  readonly connected: boolean;
  /** Its newest word on taking part in a round. */
  readonly ready: Ready | null;
}

/** Who this peer has met, and how fast its own traffic runs; filled from the swarm's events since its start. */
export interface PeerBook {
  readonly peers: ReadonlyMap<Ss58, KnownPeer>;
  /** Bytes per second over the last seconds in which anything moved; null before any did. */
  readonly rates: { readonly up: number | null; readonly down: number | null };
  stop(): void;
}

type Traffic = EventOf<SwarmContract, 'traffic'>;

export function keepPeerBook(swarm: LastingClient<SwarmContract>): PeerBook {
  const peers = new Map<Ss58, KnownPeer>();
  let last: Traffic | null = null;
  let rates: PeerBook['rates'] = { up: null, down: null };
  const known = (hotkey: Ss58): KnownPeer => peers.get(hotkey) ?? { connected: false, ready: null };

  function onTraffic(now: Traffic): void {
    const seconds = last ? (now.atMs - last.atMs) / 1000 : 0;
    const moved = last
      ? { up: now.sentBytes - last.sentBytes, down: now.receivedBytes - last.receivedBytes }
      : null;
    last = now;
    // Counters of a restarted process begin at zero again.
    if (!moved || seconds <= 0 || moved.up < 0 || moved.down < 0) return;
    rates = { up: blend(rates.up, moved.up / seconds), down: blend(rates.down, moved.down / seconds) };
  }

  const off = [
    swarm.on('peer', ({ hotkey, connected }) => peers.set(hotkey, { ...known(hotkey), connected })),
    swarm.on('ready', (ready) => peers.set(ready.hotkey, { ...known(ready.hotkey), ready })),
    swarm.on('traffic', onTraffic),
  ];
  return {
    peers,
    get rates() {
      return rates;
    },
    stop() {
      for (const unsubscribe of off) unsubscribe();
    },
  };
}

const blend = (last: number | null, value: number): number =>
  last === null ? value : last + (value - last) / RATE_AVERAGE_REPORTS;
