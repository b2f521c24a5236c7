import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Area,
  layOutButterfly,
  partOfCurve,
  progressOf,
  strandsPerEdge,
} from '../../src-renderer/charts/butterfly-geometry.ts';
import { memberRows, sumEdges, withTraffic } from '../../src-renderer/charts/edge-sums.ts';
import { FillFollower } from '../../src-renderer/charts/fill-follower.ts';
import type { Edge } from '../../src-shared/contract/swarm.ts';
import { ss58 } from '../../src-shared/units.ts';
import { largeGroup, reducing } from '../e2e/page/scenes.ts';
import { runs } from '../runs.ts';

const area: Area = { width: 640, height: 260, margin: 84 };

const anEdge = (changes: Partial<Edge> = {}): Edge => ({
  hotkey: ss58('5A'),
  direction: 'out',
  state: 'moving',
  bytes: 50,
  totalBytes: 100,
  ...changes,
});

describe('the butterfly', () => {
  it('puts parts going out on the left wing and averages on the right', () => {
    for (const { direction, strands } of layOutButterfly(reducing(), area))
      for (const { curve } of strands)
        expect(Math.sign(curve.peer.x - curve.body.x)).toBe(direction === 'out' ? -1 : 1);
  });

  it('mirrors a peer’s two edges', () => {
    const [out, home] = layOutButterfly([anEdge(), anEdge({ direction: 'home' })], area);
    const [left, right] = [out?.strands[0]?.curve.peer, home?.strands[0]?.curve.peer];
    expect((left?.x ?? 0) + (right?.x ?? 0)).toBeCloseTo(area.width);
    expect(left?.y).toBeCloseTo(right?.y ?? 0);
  });

  it('stays inside its area for any group and size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 63 }),
        fc.integer({ min: 300, max: 1_200 }),
        fc.integer({ min: 160, max: 500 }),
        (peers, width, height) => {
          const edges = Array.from({ length: peers }, (_, i) => anEdge({ hotkey: ss58(`5${i}`) }));
          for (const { strands } of layOutButterfly(edges, { width, height, margin: 12 }))
            for (const { curve } of strands) {
              expect(curve.peer.x).toBeGreaterThanOrEqual(0);
              expect(curve.peer.y).toBeGreaterThanOrEqual(0);
              expect(curve.peer.y).toBeLessThanOrEqual(height);
            }
        },
      ),
      { numRuns: runs(100, 1_000) },
    );
  });

  it('fills as many strands as bytes moved', () => {
    const [drawing] = layOutButterfly([anEdge({ bytes: 30 })], area);
    const filled = drawing?.strands.reduce((sum, strand) => sum + strand.filled, 0) ?? 0;
    expect(filled / (drawing?.strands.length ?? 1)).toBeCloseTo(0.3);
  });

  it('gives few peers bundles and many peers single lines', () => {
    expect(strandsPerEdge(3)).toBe(8);
    expect(strandsPerEdge(22)).toBe(1);
    expect(strandsPerEdge(63)).toBe(1);
  });

  it('draws a larger part wider', () => {
    const drawings = layOutButterfly(largeGroup(), area);
    expect(new Set(drawings.map(({ width }) => width.toFixed(2))).size).toBeGreaterThan(1);
  });

  it('counts no bytes beyond the whole and none of an empty part', () => {
    expect(progressOf(anEdge({ bytes: 500 }))).toBe(1);
    expect(progressOf(anEdge({ bytes: 0, totalBytes: 0 }))).toBe(0);
  });

  it('cuts a curve where it is asked to', () => {
    const [, tip] = partOfCurve({ x: 0, y: 0 }, { x: 5, y: 0 }, { x: 10, y: 0 }, 0.5);
    expect(tip).toEqual({ x: 5, y: 0 });
  });
});

describe('the picture between two messages', () => {
  it('walks to the received value and then rests', () => {
    const follower = new FillFollower(false);
    const edge = anEdge({ bytes: 0 });
    follower.advance([edge], 0);
    const moved = { ...edge, bytes: 100 };
    expect(follower.advance([moved], 0)).toBe(true);
    let isBehind = true;
    for (let nowMs = 84; isBehind && nowMs < 10_000; nowMs += 84) isBehind = follower.advance([moved], nowMs);
    expect(isBehind).toBe(false);
    expect(follower.fillOf(moved)).toBe(1);
  });

  it('never moves without news', () => {
    const follower = new FillFollower(false);
    const edge = anEdge();
    follower.advance([edge], 0);
    expect(follower.advance([edge], 1_000)).toBe(false);
    expect(follower.fillOf(edge)).toBe(0.5);
  });

  it('jumps with reduced motion', () => {
    const follower = new FillFollower(true);
    follower.advance([anEdge({ bytes: 0 })], 0);
    expect(follower.advance([anEdge({ bytes: 90 })], 10)).toBe(false);
    expect(follower.fillOf(anEdge({ bytes: 90 }))).toBe(0.9);
  });

  it('starts a new round from nothing', () => {
    const follower = new FillFollower(false);
    follower.advance([anEdge({ bytes: 100 })], 0);
    follower.advance([anEdge({ bytes: 10 })], 500);
    expect(follower.fillOf(anEdge({ bytes: 10 }))).toBe(0.1);
  });
});

describe('the numbers beside the picture', () => {
  it('count wings, failures and the share of bytes', () => {
    const sums = sumEdges(reducing());
    expect(sums).toMatchObject({ peers: 3, leftOut: 1, moving: true });
    expect(sums.out).toMatchObject({ done: 1, failed: 1, edges: 3 });
    expect(sums.share).toBeCloseTo((1 + 0.7 + 0.3 + 0.65 + 0.2) / 6, 3);
  });

  it('know no share where nothing was to move', () => {
    expect(sumEdges([]).share).toBeNull();
  });

  it('leave out who has nothing to move, and touch nothing otherwise', () => {
    const edges = reducing();
    expect(withTraffic(edges)).toBe(edges);
    expect(withTraffic([...edges, anEdge({ bytes: 0, totalBytes: 0 })])).toEqual(edges);
  });

  it('put both directions of a peer in one row', () => {
    const rows = memberRows(reducing(), []);
    expect(rows).toHaveLength(3);
    expect(rows.every(({ hotkey, out, home }) => out?.hotkey === hotkey && home?.hotkey === hotkey)).toBe(
      true,
    );
  });

  it('list who only shows in what the exchange came to as well, and those with a fault first', () => {
    const [first] = reducing();
    const fine = { takenShare: 1, returnedShare: 1, stoodIn: 0, error: null };
    const rows = memberRows(reducing(), [
      { ...fine, hotkey: first!.hotkey },
      { ...fine, hotkey: ss58('5zzz'), error: 'silent' },
    ]);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatchObject({ hotkey: '5zzz', out: null, home: null, fate: { error: 'silent' } });
    expect(rows.find(({ hotkey }) => hotkey === first!.hotkey)?.fate?.error).toBeNull();
  });
});
