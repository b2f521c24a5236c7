import { describe, expect, it } from 'vitest';
import { Links } from '../../../bench/swarm/simulator/links.ts';

/** 1,448 bytes of payload a ms. */
const line = { upBytesPerS: 1_514_000, downBytesPerS: 1_514_000, latencyMs: 5 };

function playTo(frames: number[], isOpen: () => boolean) {
  let nowMs = 0;
  const came: { readonly bytes: number; readonly atMs: number }[] = [];
  const left = frames.map((bytes) => ({ bytes }));
  const links = new Links(
    [line, line],
    [
      {
        ...{ from: 0, to: 1, isOpen },
        next: () => left.shift() ?? null,
        arrived: ({ bytes }) => void came.push({ bytes, atMs: nowMs }),
      },
    ],
    1,
  );
  for (; nowMs < 1_000; nowMs++) {
    links.deliver(nowMs);
    links.advance(nowMs);
  }
  return { came, links };
}

describe('links', () => {
  it('deliver in order, after the line has taken the bytes and the way’s latency', () => {
    const { came, links } = playTo([14_480, 1_448], () => true);
    expect(came).toEqual([
      { bytes: 14_480, atMs: 20 },
      { bytes: 1_448, atMs: 21 },
    ]);
    expect(links.isQuiet).toBe(true);
  });

  it('move nothing while an end is away', () => {
    expect(playTo([10], () => false).came).toEqual([]);
  });
});
