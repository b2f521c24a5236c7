import type { PeerView } from '../../../src-shared/contract/page/runs.ts';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { peerFaultWords } from '../../../src-shared/rounds/peer-faults.ts';
import { CONTROL_PEERS_MAX } from '../limits.ts';
import type { PeerStatus, RunPeers } from './protocol.ts';

/** What a terminal is shown of the peers of each run, or of one; those that are connected come first. */
export function peersOf({ runs }: View, run: string | null): RunPeers[] {
  const asked = Object.entries(runs).filter(([hotkey]) => run === null || run === hotkey);
  const most = Math.floor(CONTROL_PEERS_MAX / Math.max(1, asked.length));
  return asked.map(([hotkey, { facts, swarm }]) => {
    const others = (swarm?.peers ?? []).filter(({ self }) => !self);
    const sorted = others.sort((a, b) => Number(b.connected) - Number(a.connected));
    return {
      ...{ hotkey, network: facts.network, connected: swarm?.connected ?? 0, known: others.length },
      peers: sorted.slice(0, most).map(peerStatus),
    };
  });
}

function peerStatus(peer: PeerView): PeerStatus {
  const { hotkey, uid, role, state, link, measured, believedBytesPerS, codec, lastFault } = peer;
  return {
    ...{ hotkey, uid, role, state, believedBytesPerS, codec },
    rttMs: link?.rttMs ?? null,
    way: link?.way ?? null,
    upBytesPerS: measured?.upBytesPerS ?? null,
    downBytesPerS: measured?.downBytesPerS ?? null,
    lastFault: lastFault && {
      ...{ code: lastFault.fault, sentence: peerFaultWords[lastFault.fault] },
      ...{ round: lastFault.round, atMs: lastFault.atMs },
    },
  };
}
