import { open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SpoolDisk } from '../../../../src-worker/swarm/spool-disk.ts';
import { StateDonor } from '../../../../src-worker/swarm/state/donate.ts';
import { NOTHING_CAME_LIMIT_MS } from '../../../../src-worker/swarm/state/limits.ts';
import { HASH_BYTES } from '../../../../src-worker/swarm/state/protocol.ts';
import { Transfer } from '../../../../src-worker/swarm/state/transfer.ts';
import type { Wanted } from '../../../../src-worker/swarm/state/wanted.ts';
import { canWatchFiles, watchFiles } from '../../../file-watch.ts';
import { ZERO } from '../round.ts';
import { dropWorlds, never, PIECE, stateWorld, watchPieces } from './rig.ts';

afterEach(dropWorlds);

type World = Awaited<ReturnType<typeof stateWorld>>;
const isWhole = async ({ wanted, state }: World) => Buffer.compare(await readFile(wanted.path), state) === 0;

describe('a state from peers', () => {
  it('comes to the byte and leaves no scratch file', async () => {
    const world = await stateWorld(2);
    await world.receiver().receiver.fetch(world.wanted, never);
    expect(await isWhole(world)).toBe(true);
    await expect(stat(`${world.wanted.path}.part`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('comes from four donors of different speed, most of it from the fastest', async () => {
    const world = await stateWorld(4, 200, [0, 4, 8, 16]);
    const { net, hotkeys, self, wanted, receiver } = world;
    const seen = hotkeys.map((hotkey) => watchPieces(net, [hotkey, self.hotkey]));
    const { donors } = await receiver().receiver.fetch(wanted, never);
    expect(donors.length).toBeGreaterThan(1);
    const [fastest = 0, ...others] = seen.map(({ pieces }) => pieces);
    expect(fastest).toBeGreaterThan(Math.max(...others));
    expect(await isWhole(world)).toBe(true);
  });

  it('names a donor that sends a wrong piece, asks it nothing more, and finishes with the others', async () => {
    const world = await stateWorld(2, 40);
    const { net, hotkeys, self, wanted } = world;
    const [liar, honest] = hotkeys as [(typeof hotkeys)[0], (typeof hotkeys)[0]];
    const lies = watchPieces(net, [liar, self.hotkey], (piece, deliver) => {
      const other = piece.slice();
      if (piece.length === PIECE) other[7]! ^= 1;
      deliver(other);
    });
    const { receiver, liars } = world.receiver();
    expect((await receiver.fetch(wanted, never)).donors).toEqual([honest]);
    expect(liars).toEqual([[liar, 'piece']]);
    const before = lies.pieces;
    expect(await isWhole(world)).toBe(true);
    await receiver.fetch({ ...wanted, path: `${wanted.path}.again` }, never);
    expect(lies.pieces).toBe(before);
  });

  it('names a donor whose list of pieces is of something else', async () => {
    const world = await stateWorld(1, 40);
    const { net, hotkeys, self, wanted } = world;
    watchPieces(net, [hotkeys[0]!, self.hotkey], (bytes, deliver) => {
      const other = bytes.slice();
      other[40]! ^= 1;
      deliver(other);
    });
    const { receiver, liars } = world.receiver();
    const stop = new AbortController();
    const fetching = receiver.fetch(wanted, stop.signal);
    await expect.poll(() => liars).toEqual([[hotkeys[0], 'manifest']]);
    stop.abort();
    await expect(fetching).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('goes on with the others when a donor leaves at half, and asks for nothing twice but what was on its way', async () => {
    const world = await stateWorld(2, 60);
    const { net, hotkeys, self, wanted, state } = world;
    const seen = hotkeys.map((hotkey) => watchPieces(net, [hotkey, self.hotkey]));
    const { receiver } = world.receiver();
    seen[0] = watchPieces(net, [hotkeys[0]!, self.hotkey], (piece, deliver, count) => {
      if (count < 20) return deliver(piece);
      net.kill(hotkeys[0]!);
    });
    await receiver.fetch(wanted, never);
    expect(await isWhole(world)).toBe(true);
    // Manifests and pieces that came, and at most what one donor is asked for at once beyond them.
    const all = seen.reduce((sum, { pieces }) => sum + pieces, 0);
    expect(all).toBeLessThanOrEqual(Math.ceil(state.length / PIECE) + 2 + 8);
  });

  it('brings from others what a donor that stalls keeps back', async () => {
    const world = await stateWorld(2, 20);
    const { net, hotkeys, self, wanted } = world;
    const stalled = watchPieces(net, [hotkeys[0]!, self.hotkey], (bytes, deliver) => {
      // The list of pieces comes, and then nothing.
      if (bytes.length === 21 * 32) deliver(bytes);
    });
    const { donors } = await world.receiver().receiver.fetch(wanted, never);
    expect(donors).toEqual([hotkeys[1]]);
    expect(stalled.pieces).toBeGreaterThan(0);
    expect(await isWhole(world)).toBe(true);
  });

  it('comes from a donor that nobody here knew before it was looked for', async () => {
    const world = await stateWorld(1);
    const { net, hotkeys, self, wanted, receiver } = world;
    net.part(self.hotkey, hotkeys[0]!);
    const seek = async () => net.meet(self.hotkey, hotkeys[0]!);
    expect((await receiver({ seek }).receiver.fetch(wanted, never)).donors).toEqual(hotkeys);
    expect(await isWhole(world)).toBe(true);
  });

  it('waits while all donors are gone, and goes on when one is back', async () => {
    const world = await stateWorld(1, 40);
    const { net, hotkeys, self, wanted, donors } = world;
    const gone = Promise.withResolvers<void>();
    watchPieces(net, [hotkeys[0]!, self.hotkey], (piece, deliver, count) => {
      if (count <= 20) return deliver(piece);
      net.kill(hotkeys[0]!);
      gone.resolve();
    });
    const { receiver, told } = world.receiver();
    const fetching = receiver.fetch(wanted, never);
    await gone.promise;
    net.tampers.clear();
    const back = new StateDonor(net.join(hotkeys[0]!, world.members[1]!.key.publicKey), PIECE);
    donors.push(back);
    const path = join(world.members[1]!.spoolDir, 'state.bin');
    await back.offer({ baseDigest: wanted.baseDigest, path, sizeBytes: wanted.sizeBytes, lineage: [] });
    await fetching;
    expect(told.at(-1)).toMatchObject({ receivedBytes: wanted.sizeBytes, totalBytes: wanted.sizeBytes });
    expect(await isWhole(world)).toBe(true);
  });

  it('is given up where its donors say nothing but later', async () => {
    const world = await stateWorld(2, 20);
    for (const { giving } of world.donors) giving.hold();
    const real = performance.now.bind(performance);
    let aheadMs = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => real() + aheadMs);
    try {
      // Time goes on with each answer: by the next look all of them may be asked again.
      for (const hotkey of world.hotkeys)
        world.net.tamper(hotkey, world.self.hotkey, 'state', (bytes, deliver) => {
          aheadMs += NOTHING_CAME_LIMIT_MS / 8;
          deliver(bytes);
        });
      const { receiver, liars } = world.receiver();
      await expect(receiver.fetch(world.wanted, never)).rejects.toMatchObject({ code: 'STATE_NO_DONOR' });
      expect(aheadMs).toBeGreaterThanOrEqual(NOTHING_CAME_LIMIT_MS);
      expect(liars).toEqual([]);
    } finally {
      now.mockRestore();
    }
  });

  it('is finished by two stores that each have half of a piece', async () => {
    const world = await stateWorld(0, 4);
    const { state, manifest, wanted, self } = world;
    const { baseDigest } = wanted;
    const border = 2.5 * PIECE;
    const extents = [[0, border] as const, [border, state.length] as const].map(([at, end]) => ({
      file: 'model.safetensors',
      segments: [{ tensor: 'x', from: 0, at, bytes: end - at, turned: null }],
    }));
    const { receiver } = world.receiver({ extents });
    const fetching = receiver.fetch({ ...wanted, hasStores: true }, never);
    const [list, scratch] = [join(self.spoolDir, 'list'), join(self.spoolDir, 'scratch')];
    await Promise.all([writeFile(list, manifest), writeFile(scratch, state)]);
    expect(await receiver.giveManifest(baseDigest, list)).toBe(true);
    const claim = async (store: string) => (await receiver.claim(baseDigest, store)).extent;
    expect([await claim('a'), await claim('b')]).toEqual([1, 0]);
    await receiver.give(baseDigest, 'a', 1, scratch);
    await receiver.give(baseDigest, 'b', 0, scratch);
    expect(await claim('a')).toBe(0);
    await receiver.give(baseDigest, 'a', 0, scratch);
    await fetching;
    expect(await isWhole(world)).toBe(true);
  });

  it('has no donor where all lie', async () => {
    const world = await stateWorld(2, 40);
    const { net, hotkeys, self, wanted } = world;
    for (const hotkey of hotkeys)
      watchPieces(net, [hotkey, self.hotkey], (bytes, deliver) => {
        const other = bytes.slice();
        if (other.length === PIECE) other[7]! ^= 1;
        deliver(other);
      });
    const { receiver, liars } = world.receiver();
    const stop = new AbortController();
    const fetching = receiver.fetch(wanted, stop.signal);
    await expect.poll(() => liars.length).toBe(2);
    stop.abort();
    await expect(fetching).rejects.toMatchObject({ name: 'AbortError' });
    expect(liars.map(([hotkey]) => hotkey).toSorted()).toEqual(hotkeys.toSorted());
  });

  it('does not take a file for the state that its donor has wrong', async () => {
    const world = await stateWorld(1);
    const { donors, members, wanted, net, hotkeys, self } = world;
    const path = join(members[1]!.spoolDir, 'wrong.bin');
    await writeFile(path, new Uint8Array(wanted.sizeBytes));
    await donors[0]!.offer({ baseDigest: ZERO, path, sizeBytes: wanted.sizeBytes, lineage: [] });
    const answered = Promise.withResolvers<Uint8Array>();
    net.tamper(hotkeys[0]!, self.hotkey, 'state', (bytes, deliver) => {
      answered.resolve(Uint8Array.from(bytes));
      deliver(bytes);
    });
    const stop = new AbortController();
    const fetching = world.receiver().receiver.fetch({ ...wanted, baseDigest: ZERO }, stop.signal);
    // The length of an answer that says nothing.
    expect(await answered.promise).toEqual(new Uint8Array(4));
    stop.abort();
    await expect(fetching).rejects.toMatchObject({ name: 'AbortError' });
    await expect(stat(wanted.path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the list of pieces', () => {
  /** A transfer whose file takes list after list so. */
  function listed(...takes: (() => Promise<boolean>)[]): Transfer {
    const file = { pieces: 0, pieceBytes: PIECE, list: () => takes.shift()!() } as unknown as Wanted;
    const nothing = () => {};
    return new Transfer({
      ...{ file, extents: [], liars: new Set(), hasStores: false, signal: never },
      ...{ network: undefined as never, onLiar: nothing, onProgress: nothing },
    });
  }
  const bytes = new Uint8Array(HASH_BYTES);

  it('is taken of the next one where what lies there could not be read with the first', async () => {
    const unread = async () => {
      throw new Error('unread');
    };
    const transfer = listed(unread, async () => true);
    await expect(transfer.list(bytes)).rejects.toThrow('unread');
    expect(await transfer.list(bytes)).toBe(true);
  });

  it('is read of one alone at a time, also where the first was wrong', async () => {
    let reading = 0;
    const read = (isRight: boolean) => async () => {
      expect(++reading).toBe(1);
      await new Promise((resolve) => void setImmediate(resolve));
      reading--;
      return isRight;
    };
    const transfer = listed(read(false), read(true));
    const given = [transfer.list(bytes), transfer.list(bytes), transfer.list(bytes)];
    expect(await Promise.all(given)).toEqual([false, true, true]);
  });
});

describe('a state that came in part', () => {
  /** Fetches about half of it. */
  async function half(world: World): Promise<void> {
    const stop = new AbortController();
    const { receiver } = world.receiver();
    watchPieces(world.net, [world.hotkeys[0]!, world.self.hotkey], (piece, deliver, count) => {
      if (count > 20) stop.abort();
      else deliver(piece);
    });
    const cut = receiver.fetch(world.wanted, stop.signal);
    await expect(cut).rejects.toMatchObject({ name: 'AbortError' });
    world.net.tampers.clear();
  }

  it('is gone on with: nothing that is intact comes twice', async () => {
    const world = await stateWorld(1, 40);
    await half(world);
    const seen = watchPieces(world.net, [world.hotkeys[0]!, world.self.hotkey]);
    await world.receiver().receiver.fetch(world.wanted, never);
    expect(await isWhole(world)).toBe(true);
    // 41 pieces and the list, of which the list and at least 10 had come.
    expect(seen.pieces).toBeLessThanOrEqual(42 - 10);
  });

  it.each([
    ['a piece is damaged', (path: string) => damage(path)],
    ['the file is cut short', (path: string) => truncate(path, 5 * PIECE + 17)],
    ['nothing of the file is left', (path: string) => truncate(path, 0)],
  ])('is made whole where %s', async (_what, harm) => {
    const world = await stateWorld(1, 40);
    await half(world);
    await harm(`${world.wanted.path}.part`);
    await world.receiver().receiver.fetch(world.wanted, never);
    expect(await isWhole(world)).toBe(true);
  });

  async function damage(path: string): Promise<void> {
    const part = await open(path, 'r+');
    await part.write(new Uint8Array(8).fill(255), 0, 8, 0);
    await part.close();
  }
});

describe('a state on the disk', () => {
  it.runIf(canWatchFiles)('is synced whole before it stands under its name', async () => {
    const { receiver, wanted } = await stateWorld(1);
    const events = await watchFiles();
    await receiver().receiver.fetch(wanted, never);
    const onPart = events.filter(({ name }) => name === 'state.bin.part');
    expect(onPart.filter(({ what }) => what === 'write')).not.toEqual([]);
    expect(onPart.at(-1)?.what).toBe('sync');
  });

  it('waits for room, and blames no donor for it', async () => {
    const world = await stateWorld(1);
    const told: string[] = [];
    let full = 3;
    const disk = new SpoolDisk(
      { notice: ({ code }) => told.push(code), clearNotice: (code) => told.push(`clear ${code}`) },
      (step) => {
        if (step === 'write' && full-- > 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      },
    );
    const { receiver, liars } = world.receiver({ disk });
    expect((await receiver.fetch(world.wanted, never)).donors).toEqual(world.hotkeys);
    expect(liars).toEqual([]);
    expect(await isWhole(world)).toBe(true);
    expect([told[0], told.at(-1)]).toEqual(['DISK_FULL', 'clear DISK_FULL']);
  });
});
