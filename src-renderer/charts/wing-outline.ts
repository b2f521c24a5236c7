import { ss58 } from '../../src-shared/units.ts';
import { type Area, layOutButterfly } from './butterfly-geometry.ts';

/** The shape of empty wings, as SVG paths: a scaffold where nothing was averaged yet. It shows no traffic. */
export function wingOutline(area: Area, peers: number): { readonly out: string; readonly home: string } {
  const edges = (['out', 'home'] as const).flatMap((direction) =>
    Array.from({ length: peers }, (_, index) => ({
      hotkey: ss58(String(index).padStart(3, '0')),
      direction,
      state: 'waiting' as const,
      bytes: 0,
      totalBytes: 1,
    })),
  );
  const path = (direction: 'out' | 'home') =>
    layOutButterfly(edges, area)
      .filter((drawing) => drawing.direction === direction)
      .flatMap(({ strands }) => strands)
      .map(({ curve: { body, bend, peer } }) => `M${at(body)}Q${at(bend)} ${at(peer)}`)
      .join('');
  return { out: path('out'), home: path('home') };
}

const at = ({ x, y }: { x: number; y: number }): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
