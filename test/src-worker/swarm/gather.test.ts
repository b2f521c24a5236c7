import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Ss58 } from '../../../src-shared/units.ts';
import { CHUNKS_ASKED_FIRST, CHUNKS_ASKED_MS } from '../../../src-worker/swarm/limits.ts';
import { gatherMissing, nextSize } from '../../../src-worker/swarm/reduce/gather.ts';
import { dropGroups, group, never, planOf, runAll } from './butterfly-group.ts';
import { played, playTime } from './played-time.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  vi.useRealTimers();
});

const CHUNKS = 120;
const CHUNK_ELEMENTS = 1_024;
const A_SECOND = 5;

it('asks a donor for what comes within two seconds, and for the next when it is there', async () => {
  const g = await group(3, { chunkElements: CHUNK_ELEMENTS, elements: CHUNK_ELEMENTS * CHUNKS });
  await runAll(g);
  const [donor, asker] = g.members.map(({ hotkey }) => hotkey) as [Ss58, Ss58];
  const resultBytes = CHUNK_ELEMENTS * 2 + 128;
  g.world.slow(donor, A_SECOND * resultBytes);
  const asked: number[] = [];
  g.world.tamper(asker, donor, 'results', (bytes, deliver) => {
    asked.push(JSON.parse(Buffer.from(bytes.subarray(4)).toString()).chunks.length);
    deliver(bytes);
  });
  const got = new Set<number>();
  const plan = planOf(g, 1);
  await played(
    gatherMissing({
      ...{ plan, network: g.world.peers.get(asker)!, signal: never },
      patienceMs: () => 3_600_000,
      isLost: (member) => plan.members[member]!.hotkey !== donor,
      isMissing: (chunk) => !got.has(chunk),
      take: async (chunk) => void got.add(chunk),
    }),
  );
  expect(got.size).toBe(CHUNKS);
  const [first, ...others] = asked;
  expect(first).toBe(CHUNKS_ASKED_FIRST);
  const most = (A_SECOND * CHUNKS_ASKED_MS) / 1_000;
  for (const size of others) expect(size).toBeLessThanOrEqual(most * 1.1);
  // The last one is what is left, and the first ones wait for what it had to send besides.
  expect(others.at(-2)).toBeGreaterThan(most * 0.9);
});

it('asks a quick donor for four times as many as the last time at most', () => {
  expect(nextSize(16, 0)).toBe(64);
  expect(nextSize(16, 32_000)).toBe(1);
  expect(nextSize(1, 60_000)).toBe(1);
});
