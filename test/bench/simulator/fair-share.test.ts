import { describe, expect, it } from 'vitest';
import { maxMinRates, type Way } from '../../../bench/swarm/simulator/fair-share.ts';
import { seeded } from '../../../bench/swarm/simulator/random.ts';

describe('max-min fair rates', () => {
  it('share a line evenly and give to others what one cannot use', () => {
    const capacities = [
      { up: 10, down: 10 },
      { up: 10, down: 2 },
      { up: 10, down: 10 },
    ];
    const ways = [
      { from: 0, to: 1 },
      { from: 0, to: 2 },
    ];
    expect([...maxMinRates(ways, capacities)]).toEqual([2, 8]);
  });

  it('exceed no line, and leave each way with a full line on which nobody is faster', () => {
    const random = seeded(3);
    for (let i = 0; i < 50; i++) {
      const capacities = Array.from({ length: 6 }, () => ({ up: 1 + random() * 9, down: 1 + random() * 9 }));
      const ways = Array.from(
        { length: 20 },
        (): Way => ({ from: Math.floor(random() * 6), to: Math.floor(random() * 6) }),
      );
      const rates = maxMinRates(ways, capacities);
      const onLine = (way: Way, end: 'from' | 'to') =>
        ways.flatMap((other, at) => (other[end] === way[end] ? [rates[at]!] : []));
      for (const [at, way] of ways.entries()) {
        const lines = [
          { rates: onLine(way, 'from'), takes: capacities[way.from]!.up },
          { rates: onLine(way, 'to'), takes: capacities[way.to]!.down },
        ];
        const sums = lines.map((line) => line.rates.reduce((a, c) => a + c, 0));
        for (const [side, line] of lines.entries()) expect(sums[side]).toBeLessThanOrEqual(line.takes + 1e-9);
        expect(
          lines.some(
            (line, side) => line.takes - sums[side]! < 1e-9 && Math.max(...line.rates) <= rates[at]! + 1e-9,
          ),
        ).toBe(true);
      }
    }
  });
});
