import type { EventOf } from '../../src-shared/contract/child.ts';
import type { PeerFault, RoundSummary } from '../../src-shared/contract/page/runs.ts';
import type { Reachability } from '../../src-shared/contract/reachability.ts';
import type { AddressState, Link, SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Ready } from '../../src-shared/rounds/messages.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { LastingClient } from './children.ts';
import { RATE_AVERAGE_REPORTS } from './limits.ts';

export interface KnownPeer {
  readonly connected: boolean;
  /** Its newest word on taking part in a round. */
  readonly ready: Ready | null;
  /** How the connection to it was when that was told last; null without one. */
  readonly link: Link | null;
  /** What was seen of it last that does not count. */
  readonly lastFault: PeerFault | null;
}

/** Who this peer has met, and how fast its own traffic runs; filled from the swarm's events since its start. */
export interface PeerBook {
  readonly peers: ReadonlyMap<Ss58, KnownPeer>;
  /** How the addresses stand that are tried without knowing who answers there. */
  readonly addresses: readonly AddressState[];
  /** Whether others reach us; null for a run that none from outside this machine can reach, and before it was told. */
  readonly reachability: Reachability | null;
  /** Bytes per second over the last seconds in which anything moved; null before any did. */
  readonly rates: { readonly up: number | null; readonly down: number | null };
  /** What a round came to with its members; those of before the start, the oldest first, and each as it is over. */
  noteRound(summary: Pick<RoundSummary, 'round' | 'group' | 'endedAtMs'>): void;
  stop(): void;
}

type Traffic = EventOf<SwarmContract, 'traffic'>;

export function keepPeerBook(swarm: LastingClient<SwarmContract>): PeerBook {
  const peers = new Map<Ss58, KnownPeer>();
  let addresses: readonly AddressState[] = [];
  let reachability: Reachability | null = null;
  let last: Traffic | null = null;
  let rates: PeerBook['rates'] = { up: null, down: null };
  const known = (hotkey: Ss58): KnownPeer => peers.get(hotkey) ?? nobodyYet;
  const note = (hotkey: Ss58, change: Partial<KnownPeer>) =>
    peers.set(hotkey, { ...known(hotkey), ...change });
  const noteFault = (hotkey: Ss58, fault: PeerFault['fault'], round: number | null) =>
    noteNewer(hotkey, { fault, round, atMs: Date.now() });
  /** A proven fraud counts for the rest of the run: nothing that comes later hides it. */
  function noteNewer(hotkey: Ss58, lastFault: PeerFault): void {
    if (known(hotkey).lastFault?.fault !== 'fraud') note(hotkey, { lastFault });
  }

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
    swarm.on('peer', ({ hotkey, connected }) => note(hotkey, { connected, link: null })),
    swarm.on('ready', (ready) => note(ready.hotkey, { ready })),
    swarm.on('links', ({ links }) => {
      for (const link of links) if (known(link.hotkey).connected) note(link.hotkey, { link });
    }),
    swarm.on('fraud', ({ accused, round }) => noteFault(accused, 'fraud', round)),
    swarm.on('stateLiar', ({ hotkey, what }) => noteFault(hotkey, `state-${what}`, null)),
    swarm.on('contradiction', ({ hotkey, round }) => noteFault(hotkey, 'two-rosters', round)),
    swarm.on('addresses', (told) => {
      addresses = told.addresses;
    }),
    swarm.on('reachability', (told) => {
      reachability = told;
    }),
    swarm.on('traffic', onTraffic),
  ];
  return {
    peers,
    get addresses() {
      return addresses;
    },
    get reachability() {
      return reachability;
    },
    get rates() {
      return rates;
    },
    noteRound({ round, group, endedAtMs: atMs }) {
      for (const { hotkey, error } of group) if (error) noteNewer(hotkey, { fault: error, round, atMs });
    },
    stop() {
      for (const unsubscribe of off) unsubscribe();
    },
  };
}

/** Hotkeys of those that are connected now. */
export const connectedIn = ({ peers }: Pick<PeerBook, 'peers'>): readonly Ss58[] =>
  [...peers].flatMap(([hotkey, { connected }]) => (connected ? [hotkey] : []));

/** A peer of whom nothing is known. */
export const nobodyYet: KnownPeer = { connected: false, ready: null, link: null, lastFault: null };

const blend = (last: number | null, value: number): number =>
  last === null ? value : last + (value - last) / RATE_AVERAGE_REPORTS;
