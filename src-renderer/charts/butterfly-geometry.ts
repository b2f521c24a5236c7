import type { Edge } from '../../src-shared/contract/swarm.ts';

/**
 * The butterfly as curves. Me at the body; left wing: from me to each reducer; right wing: from each reducer home.
 * An edge is a bundle of strands: bytes that moved are strands drawn in full, so a wing fills as its parts travel.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A quadratic curve from the body to a peer. */
export interface Curve {
  readonly body: Point;
  readonly bend: Point;
  readonly peer: Point;
}

export interface Strand {
  readonly curve: Curve;
  /** 0 nothing moved on it yet, 1 all of it. */
  readonly filled: number;
}

export interface EdgeDrawing {
  readonly hotkey: string;
  readonly direction: Edge['direction'];
  readonly state: Edge['state'];
  readonly width: number;
  readonly strands: readonly Strand[];
  /** Where the peer's name stands: beyond the middle strand. */
  readonly label: Point;
}

export interface Area {
  readonly width: number;
  readonly height: number;
  /** Kept free at both sides for names, in px. */
  readonly margin: number;
}

const UPPER_SHARE = 0.55;
const DEGREE = Math.PI / 180;
/** Kept free above and below the wings, in px. */
const EDGE_AIR = 12;

/** @param progress replaces received bytes while the picture catches up with them; by default they are shown as is. */
export function layOutButterfly(
  edges: readonly Edge[],
  area: Area,
  progress: (edge: Edge) => number = progressOf,
): readonly EdgeDrawing[] {
  const largest = Math.max(1, ...edges.map(({ totalBytes }) => totalBytes));
  return (['out', 'home'] as const).flatMap((direction) => {
    const wing = edges
      .filter((edge) => edge.direction === direction)
      .sort((a, b) => (a.hotkey < b.hotkey ? -1 : 1));
    const perEdge = strandsPerEdge(wing.length);
    return wing.map((edge, index) => {
      const slots = slotsOf(index, wing.length, perEdge);
      const curves = slots.map((slot) => curveTo(slot, direction, area));
      const filled = edge.state === 'done' ? 1 : progress(edge);
      const middle = curves[curves.length >> 1] ?? curveTo(0, direction, area);
      return {
        hotkey: edge.hotkey,
        direction,
        state: edge.state,
        width: 0.9 + 1.3 * Math.sqrt(edge.totalBytes / largest),
        strands: curves.map((curve, strand) => ({ curve, filled: clamp(filled * perEdge - strand) })),
        label: beyond(middle, 13),
      };
    });
  });
}

export const progressOf = (edge: Edge): number =>
  edge.state === 'done' ? 1 : edge.totalBytes > 0 ? clamp(edge.bytes / edge.totalBytes) : 0;

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

/** Few peers get rich bundles, many get single lines: a wing has about two dozen strands either way. */
export const strandsPerEdge = (edges: number): number =>
  edges === 0 ? 0 : Math.min(10, Math.max(1, Math.round(24 / edges)));

/** Positions 0..1 along a wing's edge, upper lobe first; whole peers per lobe, a little air between neighbours. */
function slotsOf(index: number, edges: number, perEdge: number): readonly number[] {
  if (edges === 1) return Array.from({ length: perEdge }, (_, i) => (i + 0.5) / perEdge);
  const upper = Math.max(1, Math.min(edges - 1, Math.round(edges * UPPER_SHARE)));
  const isUpper = index < upper;
  const inLobe = isUpper ? upper : edges - upper;
  const place = isUpper ? index : index - upper;
  const air = perEdge > 1 ? 1 : 0;
  const slots = inLobe * (perEdge + air) - air;
  return Array.from({ length: perEdge }, (_, strand) => {
    const along = slots === 1 ? 0.5 : (place * (perEdge + air) + strand) / (slots - 1);
    return isUpper ? along * UPPER_SHARE * 0.999 : UPPER_SHARE + along * (1 - UPPER_SHARE);
  });
}

function curveTo(slot: number, direction: Edge['direction'], area: Area): Curve {
  const isUpper = slot < UPPER_SHARE;
  const along = isUpper ? slot / UPPER_SHARE : (slot - UPPER_SHARE) / (1 - UPPER_SHARE);
  const body = bodyOf(area);
  const reach = Math.max(1, Math.min(area.width / 2 - area.margin, area.height * 0.98));
  // The forewing is long and swept up, the hindwing shorter and round.
  const angle = (isUpper ? 76 - along * 73 : 9 + along * 64) * DEGREE;
  const dx = reach * Math.cos(angle) ** 0.78 * (isUpper ? 1 - 0.1 * along * along : 0.8);
  const dy = Math.sin(angle) * (isUpper ? EDGE_AIR - body.y : area.height - body.y - EDGE_AIR);
  const side = direction === 'out' ? -1 : 1;
  return {
    body,
    // Flat strands bow well beyond the straight line, steep ones hardly: none may turn back at its end.
    bend: {
      x: body.x + side * (reach * 0.05 + dx * 0.28),
      y: body.y + dy * (1 + 0.3 * Math.cos(angle)),
    },
    peer: { x: body.x + side * dx, y: body.y + dy },
  };
}

export const bodyOf = (area: Area): Point => ({ x: area.width / 2, y: area.height * 0.57 });

/** A point further out, straight from the body's height: where a name keeps clear of its neighbours' strands. */
function beyond({ body, peer }: Curve, distance: number): Point {
  const dx = peer.x - body.x;
  const dy = (peer.y - body.y) * 1.6;
  const length = Math.hypot(dx, dy) || 1;
  return { x: peer.x + (dx / length) * distance, y: peer.y + (dy / length) * distance };
}

/** The first `share` of a curve, from its own start (de Casteljau). */
export function partOfCurve(start: Point, bend: Point, end: Point, share: number): readonly [Point, Point] {
  const near = between(start, bend, share);
  return [near, between(near, between(bend, end, share), share)];
}

const between = (a: Point, b: Point, share: number): Point => ({
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
});
