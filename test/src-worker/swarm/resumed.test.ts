import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  decodeOpen,
  encodeFrame,
  encodeOpen,
  FrameReader,
  frameTypes,
} from '../../../src-worker/swarm/reduce/frames.ts';
import {
  agreed,
  begin,
  butterflyOf,
  call,
  contributorsIn,
  dropGroups,
  type Group,
  group,
  never,
  ROUND,
} from './butterfly-group.ts';
import { played, playFor, playTime } from './played-time.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  vi.useRealTimers();
});

const LIAR = 1;

/** It says to the first member that the roster came to it at another time. */
function tellsAnotherTime(g: Group, agoMs: number): void {
  g.world.tamper(g.members[LIAR]!.hotkey, g.members[0]!.hotkey, 'reduce', (bytes, deliver) => {
    const [frame] = new FrameReader(g.grid, 'liar').push(bytes);
    if (frame?.type !== frameTypes.open) return deliver(bytes);
    deliver(encodeFrame({ ...frame, payload: encodeOpen({ ...decodeOpen(frame.payload)!, agoMs }) }));
  });
}

it.each([
  ['the exchange is long over', 4e9],
  ['it has just begun', 0],
])(
  'a member that comes back in the middle of an exchange, and hears first from one that says that %s, reduces its part',
  async (_what, agoMs) => {
    const g = await group(4);
    const own = call(g).roster.members[0]!;
    tellsAnotherTime(g, agoMs);
    // In its first life it hears the liar alone, and in its second the liar before the others.
    let isCut = true;
    for (const honest of [2, 3])
      g.world.tamper(g.members[honest]!.hotkey, g.members[0]!.hotkey, 'reduce', (bytes, deliver) => {
        if (!isCut) setTimeout(() => deliver(bytes), 300);
      });
    const inOthers = begin(g, [1, 2, 3]);
    const life = g.butterflies[0]!.reduce(call(g), never).catch(() => null);
    const beganMs = performance.now();
    await playFor(1_500);
    g.world.kill(g.members[0]!.hotkey);
    await played(g.butterflies[0]!.stop());
    await played(life);
    isCut = false;
    g.butterflies[0] = butterflyOf(g, 0);
    const again = g.butterflies[0]!.reduce({ ...call(g), rosterAgoBlocks: 1 }, never);
    await playFor(1_000);
    const { nowMs } = g.butterflies[0]!.exchangeOf(ROUND)!.clock;
    expect(Math.abs(nowMs - (performance.now() - beganMs))).toBeLessThan(g.consensus.reduce.slackMs);
    const reports = (await played(Promise.all([again, inOthers]))).flat();
    const manifest = await agreed(g);
    expect(reports.map(({ elementsShare }) => elementsShare)).toEqual([1, 1, 1, 1]);
    const part = manifest.chunks.slice(0, own.chunkCount);
    expect(part.map((chunk) => chunk?.reducer)).toEqual(Array(own.chunkCount).fill(0));
    expect(contributorsIn(manifest).slice(0, own.chunkCount)).toEqual(part.map(() => [0, 1, 2, 3]));
  },
);
