import { rm } from 'node:fs/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Receipt } from '../../../../src-shared/rounds/messages.ts';
import { Giving } from '../../../../src-worker/swarm/state/giving.ts';
import {
  PIECES_GIVEN_AT_ONCE,
  PIECES_PER_RECEIVER,
  UPLINK_ROUNDS,
} from '../../../../src-worker/swarm/state/limits.ts';
import { StateReceiver } from '../../../../src-worker/swarm/state/receive.ts';
import { plainDisk, type TestMember, testMember } from '../round.ts';
import { dropWorlds, never, stateWorld, watchPieces } from './rig.ts';

afterEach(dropWorlds);
afterAll(async () => {
  for (const { spoolDir } of members) await rm(spoolDir, { recursive: true });
});

const members: TestMember[] = await Promise.all(Array.from({ length: 6 }, (_, i) => testMember(i)));
const [self, ...others] = members.map(({ hotkey }) => hotkey) as [
  TestMember['hotkey'],
  ...TestMember['hotkey'][],
];
const receipt = (to: number, bytes: number, durationMs: number, countersigned = true): Receipt => ({
  ...{ round: 1, from: self, to: others[to]!, bytes, durationMs, countersigned },
});

describe('what a donor gives', () => {
  it('is a quarter of the uplink that its rounds have shown, the best of them', () => {
    const giving = new Giving();
    expect(giving.pace.isOpen).toBe(true);
    giving.noteRound(self, [receipt(0, 4_000_000, 2_000), receipt(1, 4_000_000, 1_500)]);
    giving.noteRound(self, [receipt(0, 1_000, 2_000)]);
    // 8 MB in 2 s are 4 MB/s.
    expect(giving.bytesPerSecond).toBe(1_000_000);
  });

  it('forgets rounds that are long gone', () => {
    const giving = new Giving();
    giving.noteRound(self, [receipt(0, 4_000_000, 1_000)]);
    for (let i = 0; i < UPLINK_ROUNDS; i++) giving.noteRound(self, [receipt(0, 400_000, 1_000)]);
    expect(giving.bytesPerSecond).toBe(100_000);
  });

  it('believes no receipt that is signed by one side, or of others', () => {
    const giving = new Giving();
    giving.noteRound(self, [receipt(0, 4_000_000, 1_000, false), { ...receipt(1, 9, 9), from: others[3]! }]);
    expect(giving.bytesPerSecond).toBeNull();
  });

  it('is nothing while a round averages, also when two rounds overlap', () => {
    const giving = new Giving();
    const [first, second] = [giving.hold(), giving.hold()];
    expect(giving.held.aborted).toBe(true);
    first();
    first();
    expect(giving.admit(others[0]!, 1)).toBeNull();
    second();
    expect(giving.held.aborted).toBe(false);
    expect(giving.admit(others[0]!, 1)).not.toBeNull();
  });

  it('is bounded for one receiver and for all, and freed with each piece that is gone', () => {
    const giving = new Giving();
    const gone = Array.from({ length: PIECES_PER_RECEIVER }, () => giving.admit(others[0]!, 1));
    expect(gone).not.toContain(null);
    expect(giving.admit(others[0]!, 1)).toBeNull();
    gone[0]!();
    expect(giving.admit(others[0]!, 1)).not.toBeNull();
    for (let i = PIECES_PER_RECEIVER; i < PIECES_GIVEN_AT_ONCE; i++)
      expect(giving.admit(others[1 + (i % 4)]!, 1)).not.toBeNull();
    expect(giving.admit(others[4]!, 1)).toBeNull();
  });

  it('sends away whom a slow line would keep waiting for long', () => {
    const giving = new Giving();
    giving.noteRound(self, [receipt(0, 400_000, 1_000)]);
    expect(giving.admit(others[0]!, 900_000)).not.toBeNull();
    expect(giving.admit(others[1]!, 900_000)).not.toBeNull();
    expect(giving.admit(others[2]!, 900_000)).toBeNull();
  });

  it('is given to who judges also while newcomers wait, and not while a round averages', () => {
    const giving = new Giving();
    giving.noteRound(self, [receipt(0, 400_000, 1_000)]);
    for (const other of [0, 1]) expect(giving.admit(others[other]!, 900_000)).not.toBeNull();
    for (let i = 0; i < PIECES_PER_RECEIVER; i++)
      expect(giving.admit(others[2]!, 900_000, 'judge')).not.toBeNull();
    expect(giving.admit(others[2]!, 900_000, 'judge')).toBeNull();
    giving.hold();
    expect(giving.admit(others[3]!, 1, 'judge')).toBeNull();
  });

  it('stops in the middle of a piece when a round begins, and all of it comes when the round is over', async () => {
    const { net, hotkeys, self: receiving, donors, wanted, receiver } = await stateWorld(1, 40);
    const { giving } = donors[0]!;
    const over: { call: () => void } = { call: () => undefined };
    const seen = watchPieces(net, [hotkeys[0]!, receiving.hotkey], (piece, deliver, count) => {
      deliver(piece);
      if (count !== 10) return;
      over.call = giving.hold();
      held.resolve();
    });
    const held = Promise.withResolvers<void>();
    const { receiver: fetching } = receiver();
    const done = fetching.fetch(wanted, never);
    await held.promise;
    const before = seen.pieces;
    expect(before).toBeLessThan(41);
    over.call();
    expect((await done).donors).toEqual(hotkeys);
  });

  it('goes to several receivers at once', async () => {
    const world = await stateWorld(1, 40);
    const { net, members: all, wanted } = world;
    const more = await Promise.all([7, 8, 9].map(testMember));
    all.push(...more);
    const got = await Promise.all(
      more.map(async ({ hotkey, key, spoolDir }) => {
        const network = net.join(hotkey, key.publicKey);
        const init = { network, disk: plainDisk(), pieceBytes: 1_024, extents: [], liars: new Set<never>() };
        const one = new StateReceiver({ ...init, onProgress: () => undefined, onLiar: () => undefined });
        return one.fetch({ ...wanted, path: `${spoolDir}/state.bin` }, never);
      }),
    );
    expect(got.map(({ donors }) => donors)).toEqual(more.map(() => world.hotkeys));
  });
});
