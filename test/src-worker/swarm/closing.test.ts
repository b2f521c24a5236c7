import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chunkLength } from '../../../src-shared/reduce/chunks.ts';
import { WINDOW_CHUNKS } from '../../../src-worker/swarm/limits.ts';
import {
  decodeOpen,
  encodeFrame,
  encodeOpen,
  FrameReader,
  frameTypes,
  HEADER_BYTES,
} from '../../../src-worker/swarm/reduce/frames.ts';
import {
  agreed,
  begin,
  call,
  contributorsIn,
  dropGroups,
  type Group,
  group,
  planOf,
  runAll,
} from './butterfly-group.ts';
import { played, playFor, playTime } from './played-time.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  vi.useRealTimers();
});

/** Bytes a second at which a member sends its chunks to everybody within the main share. */
const paceOf = (g: Group, i: number): number => {
  const plan = planOf(g, i);
  const others = g.members.flatMap((_, to) => (to === i ? [] : [...plan.part(to)]));
  const leaves = (g.members.length - 1) * 32 * g.grid.chunks;
  const chunks = others.reduce((sum, chunk) => sum + plan.chunkBytes(i, chunk) + HEADER_BYTES, leaves);
  return (chunks / plan.times.mainMs) * 1_000;
};

/** The third of four reduces nothing: its line carries its own chunks alone. */
const sendsOnly = { chunkElements: 1_024, elements: 1_024 * 120, terms: [{}, {}, { reduces: false }, {}] };

describe('closing times', () => {
  it.each([0.5, 0.6, 0.7, 0.8, 0.9])(
    'take of a sender at %f of the pace nine tenths of that',
    async (share) => {
      const g = await group(4, sendsOnly);
      g.world.slow(g.members[2]!.hotkey, share * paceOf(g, 2));
      const reports = await runAll(g);
      const manifest = await agreed(g);
      expect(manifest.chunks).not.toContain(null);
      const sets = contributorsIn(manifest);
      const { firstChunk, chunkCount } = call(g).roster.members[2]!;
      const toOthers = sets.filter((_, chunk) => chunk < firstChunk || chunk >= firstChunk + chunkCount);
      const taken = toOthers.filter((set) => set?.includes(2)).length / toOthers.length;
      expect(taken).toBeGreaterThan(0.9 * share);
      // Nobody else loses anything, and nobody waits beyond the main share and the slack.
      for (const i of [0, 1, 3]) expect(sets.every((set) => set?.includes(i))).toBe(true);
      const { mainMs, slackMs } = planOf(g, 0).times;
      expect(Math.max(...reports.map(({ durationMs }) => durationMs))).toBeLessThanOrEqual(
        mainMs + 2 * slackMs,
      );
    },
  );

  it('lose nothing where clocks differ by the slack and one lies by an hour', async () => {
    const g = await group(5);
    const { slackMs } = planOf(g, 0).times;
    const liar = g.members[4]!.hotkey;
    for (const { hotkey } of g.members.slice(0, 4))
      g.world.tamper(liar, hotkey, 'reduce', (bytes, deliver) => {
        const [frame] = new FrameReader(g.grid, 'liar').push(bytes);
        const open = frame?.type === frameTypes.open ? decodeOpen(frame.payload) : null;
        deliver(
          open ? encodeFrame({ ...frame!, payload: encodeOpen({ ...open, agoMs: 3_600_000 }) }) : bytes,
        );
      });
    const late = [0, 1, 2, 3, 4].map(async (i) => {
      if (i > 0) await new Promise((resolve) => void setTimeout(resolve, (i * slackMs) / 4));
      return begin(g, [i]);
    });
    await played(Promise.all(late));
    const manifest = await agreed(g);
    expect(contributorsIn(manifest)).toEqual(manifest.chunks.map(() => [0, 1, 2, 3, 4]));
  });

  it('pass over what would come late, so that a slow line carries nothing in vain', async () => {
    const g = await group(4, sendsOnly);
    g.world.slow(g.members[2]!.hotkey, 0.5 * paceOf(g, 2));
    const [report] = await runAll(g);
    const plan = planOf(g, 0);
    const sets = contributorsIn(await agreed(g));
    const useful = [...plan.part(0)].filter((chunk) => sets[chunk]!.includes(2));
    const receipts = g.butterflies[0]!.exchangeOf(plan.roster.round)!.lines.get(2)!;
    const bytesTaken = useful.reduce((sum, chunk) => sum + plan.chunkBytes(2, chunk), 0);
    expect(report!.members[2]!.error).toBeNull();
    // Some come late before it knows how long they take; without passing over nearly all would.
    const someLate = 5 * plan.chunkBytes(2, 0);
    expect(bytesTaken).toBeGreaterThan(someLate);
    expect(receipts.chunkBytesReceived).toBeLessThan(bytesTaken + someLate);
  });

  it('close below quorum without a result, at once where more can no longer come by their time', async () => {
    const g = await group(5);
    for (const i of [2, 3, 4]) g.world.kill(g.members[i]!.hotkey);
    const reports = await runAll(g, [0, 1]);
    const manifest = await agreed(g, [0, 1]);
    expect(manifest.chunks.every((chunk) => chunk === null)).toBe(true);
    const { allInMs } = planOf(g, 0).times;
    for (const { durationMs } of reports) expect(durationMs).toBeLessThanOrEqual(allInMs);
  });
});

describe('the window', () => {
  it('bounds the chunks that one fast sender opens before the others begin', async () => {
    const g = await group(3, { chunkElements: 64, elements: 64 * 600 });
    const [slow, fast, reducer] = g.members.map(({ hotkey }) => hotkey);
    let ahead = 0;
    let arrived = 0;
    g.world.tamper(fast!, reducer!, 'reduce', (bytes, deliver) => {
      if (bytes[0] === frameTypes.chunk) ahead++;
      deliver(bytes);
    });
    g.world.tamper(slow!, reducer!, 'reduce', (bytes, deliver) => {
      if (bytes[0] === frameTypes.chunk) arrived++;
      if (arrived === 0) return deliver(bytes);
      // Nothing of its values arrives until the fast one can go no further.
      if (bytes[0] !== frameTypes.chunk) deliver(bytes);
    });
    const running = begin(g);
    await playFor(500);
    expect(ahead).toBe(WINDOW_CHUNKS);
    await played(running);
    const sets = contributorsIn(await agreed(g));
    const part = [...planOf(g, 2).part(2)];
    expect(part.length).toBeGreaterThan(2 * WINDOW_CHUNKS);
    // It was held back and lost nothing by it.
    expect(part.filter((chunk) => !sets[chunk]?.includes(1))).toEqual([]);
    expect(chunkLength(g.grid, 0)).toBe(64);
  });

  it('drops a sender that does not keep to it', async () => {
    const g = await group(3, { chunkElements: 64, elements: 64 * 600 });
    const [slow, eager, reducer] = g.members.map(({ hotkey }) => hotkey);
    const beyond = planOf(g, 2).part(2).toArray()[WINDOW_CHUNKS + 1]!;
    g.world.tamper(slow!, reducer!, 'reduce', (bytes, deliver) => {
      if (bytes[0] !== frameTypes.chunk) deliver(bytes);
    });
    const contribution = g.butterflies[1]!;
    let sent = false;
    g.world.tamper(eager!, reducer!, 'reduce', (bytes, deliver) => {
      deliver(bytes);
      if (bytes[0] !== frameTypes.chunk || sent) return;
      sent = true;
      const exchange = contribution.exchangeOf(call(g).round)!;
      void exchange.readChunk(beyond, 0).then((payload) => {
        const [frame] = new FrameReader(g.grid, 'eager').push(bytes);
        deliver(encodeFrame({ ...frame!, chunk: beyond, payload }));
      });
    });
    const reports = await runAll(g);
    expect(reports[2]!.members[1]!.error).toBe('window');
  });
});
