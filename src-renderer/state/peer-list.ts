import type { PeerView } from '../../src-shared/contract/page/runs.ts';
import { type Sorting, type SortKey, sortedBy } from './grid.ts';
import { type PeerRow, peerRows } from './peer-rows.ts';

/** Columns that the list of peers can be sorted by. */
export const peerColumns = ['peer', 'state', 'rtt', 'up', 'down', 'believed', 'fault'] as const;
export type PeerColumn = (typeof peerColumns)[number];

/** Rates and times of faults begin with the largest, all else with the first. */
export const firstPeerSorting = (by: PeerColumn): Sorting<PeerColumn> => ({
  by,
  isDown: ['up', 'down', 'believed', 'fault'].includes(by),
});

/** Rows of one part of the list: as many as anybody reads, and no more than is drawn at once. */
export const PEERS_A_PART = 32;

const sortKey: Readonly<Record<PeerColumn, (row: PeerRow) => SortKey>> = {
  peer: ({ peer }) => peer.hotkey,
  state: ({ word }) => word,
  rtt: ({ peer }) => peer.link?.rttMs ?? null,
  up: ({ peer }) => peer.measured?.upBytesPerS ?? null,
  down: ({ peer }) => peer.measured?.downBytesPerS ?? null,
  believed: ({ peer }) => peer.believedBytesPerS,
  fault: ({ peer }) => peer.lastFault?.atMs ?? null,
};

/**
 * Those that fit what was typed: a part of the hotkey, the uid, or a word of the state.
 * @param sorting null: this computer first, then by uid
 */
export function peerList(
  peers: readonly PeerView[],
  { text, sorting }: { readonly text: string; readonly sorting: Sorting<PeerColumn> | null },
): readonly PeerRow[] {
  const needle = text.trim().toLowerCase();
  const rows = peerRows(peers).filter((row) => needle === '' || fits(row, needle));
  return sorting ? sortedBy(rows, sortKey[sorting.by], sorting.isDown) : rows;
}

const fits = ({ peer, word }: PeerRow, needle: string): boolean =>
  peer.hotkey.toLowerCase().includes(needle) || String(peer.uid) === needle || word.includes(needle);
