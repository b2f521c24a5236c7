import type { Edge, GroupMember } from '../../src-shared/contract/swarm.ts';

export interface WingSum {
  readonly done: number;
  readonly failed: number;
  readonly edges: number;
  readonly bytes: number;
}

export interface EdgeSums {
  readonly out: WingSum;
  readonly home: WingSum;
  /** Share of all bytes that moved, 0 to 1; null when none were to move. */
  readonly share: number | null;
  /** Peers with at least one failed edge. */
  readonly leftOut: number;
  readonly peers: number;
  readonly moving: boolean;
}

/** What the picture shows, in numbers: for the captions, the table and the spoken summary. */
export function sumEdges(edges: readonly Edge[]): EdgeSums {
  const total = edges.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  const moved = edges.reduce((sum, edge) => sum + movedBytes(edge), 0);
  const failed = new Set(edges.filter(({ state }) => state === 'failed').map(({ hotkey }) => hotkey));
  return {
    out: wing(edges, 'out'),
    home: wing(edges, 'home'),
    share: total > 0 ? moved / total : null,
    leftOut: failed.size,
    peers: new Set(edges.map(({ hotkey }) => hotkey)).size,
    moving: edges.some(({ state }) => state === 'moving' || state === 'waiting'),
  };
}

const movedBytes = ({ bytes, totalBytes }: Edge): number => Math.min(bytes, totalBytes);

function wing(edges: readonly Edge[], direction: Edge['direction']): WingSum {
  const own = edges.filter((edge) => edge.direction === direction);
  return {
    done: own.filter(({ state }) => state === 'done').length,
    failed: own.filter(({ state }) => state === 'failed').length,
    edges: own.length,
    bytes: own.reduce((sum, edge) => sum + movedBytes(edge), 0),
  };
}

/** Edges that have bytes to move. A member without weight, as a validator, has none either way. */
export const withTraffic = (edges: readonly Edge[]): readonly Edge[] => {
  const moving = edges.filter(({ totalBytes }) => totalBytes > 0);
  return moving.length === edges.length ? edges : moving;
};

/** What moves between this member and one other, and what the exchange came to with it. */
export interface MemberRow {
  readonly hotkey: string;
  readonly out: Edge | null;
  readonly home: Edge | null;
  /** null while the exchange is under way, and where it was not seen. */
  readonly fate: GroupMember | null;
}

/** A row a member, for the table that stands beside the picture; those with a fault first. */
export function memberRows(edges: readonly Edge[], group: readonly GroupMember[]): readonly MemberRow[] {
  const fates = new Map<string, GroupMember>(group.map((member) => [member.hotkey, member]));
  const hotkeys = [...new Set([...edges, ...group].map(({ hotkey }) => hotkey))].sort();
  const find = (hotkey: string, direction: Edge['direction']) =>
    edges.find((edge) => edge.hotkey === hotkey && edge.direction === direction) ?? null;
  return hotkeys
    .map((hotkey) => ({
      hotkey,
      out: find(hotkey, 'out'),
      home: find(hotkey, 'home'),
      fate: fates.get(hotkey) ?? null,
    }))
    .sort((a, b) => Number(b.fate?.error != null) - Number(a.fate?.error != null));
}
