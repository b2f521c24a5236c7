import { columnsText } from './columns-text.ts';
import type { PeerStatus, RunPeers } from './protocol.ts';
import { shortHotkey, UNKNOWN } from './status-text.ts';

const COLUMNS = ['PEER', 'UID', 'STATE', 'MS', 'WAY', 'UP', 'DOWN', 'COUNTED ON', 'SENDS IN', 'LAST FAULT'];

/** The peers of each run for a person at a terminal; rates in Mbit/s. */
export function peersText(runs: readonly RunPeers[]): string {
  return runs.length === 0 ? 'No run is under way.' : runs.map(runText).join('\n\n');
}

function runText({ hotkey, network, connected, known, peers }: RunPeers): string {
  const head = `${shortHotkey(hotkey)} on ${network}: ${connected} of ${known} peers connected; rates in Mbit/s`;
  if (peers.length === 0) return `${head}\nNo peers yet. They appear as they connect.`;
  const left = known - peers.length;
  const more = left > 0 ? [`… and ${left} more. Of one run: --run HOTKEY.`] : [];
  return [head, '', ...columnsText([COLUMNS, ...peers.map(cells)]), ...more].join('\n');
}

const cells = (peer: PeerStatus): string[] => [
  shortHotkey(peer.hotkey),
  peer.uid?.toString() ?? UNKNOWN,
  peer.state,
  peer.rttMs?.toString() ?? UNKNOWN,
  peer.way ?? UNKNOWN,
  mbit(peer.upBytesPerS),
  mbit(peer.downBytesPerS),
  mbit(peer.believedBytesPerS),
  peer.codec ?? UNKNOWN,
  faultText(peer.lastFault),
];

const mbit = (bytesPerS: number | null): string =>
  bytesPerS === null ? UNKNOWN : ((bytesPerS * 8) / 1e6).toFixed(1);

function faultText(fault: PeerStatus['lastFault']): string {
  if (!fault) return UNKNOWN;
  const round = fault.round === null ? '' : ` Round ${fault.round}.`;
  const at = fault.atMs === null ? '' : ` ${new Date(fault.atMs).toISOString().slice(0, 16)}Z.`;
  return `${fault.sentence}${round}${at}`;
}
