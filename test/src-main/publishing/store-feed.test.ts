import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { feedFrom } from '../../../src-main/publishing/store-feed.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import { stateExtents } from '../../../src-shared/published/extents.ts';
import type { Manifest } from '../../../src-shared/published/manifest.ts';
import { readExtent, tensorsOf } from '../../../src-worker/publish/stores/extents.ts';
import { openToRead } from '../../../src-worker/publish/stores/open-store.ts';
import type { StateReader } from '../../../src-worker/publish/stores/store.ts';
import { StateDonor } from '../../../src-worker/swarm/state/donate.ts';
import { StateReceiver } from '../../../src-worker/swarm/state/receive.ts';
import { exportState } from '../../../src-worker/train/interchange/state-folder.ts';
import { plainGround } from '../../src-worker/publish/stores/rig.ts';
import { MemoryWorld } from '../../src-worker/swarm/memory-network.ts';
import { plainDisk, testMember } from '../../src-worker/swarm/round.ts';
import { OWNER, smallConsensus, standingState } from '../../src-worker/train/interchange/published-rig.ts';

const never = new AbortController().signal;
const pieceBytes = 4_096;
const consensus = { ...smallConsensus, codec: { ...smallConsensus.codec, pieceBytes } };
const TAG = '1.1.17';
let home: string;
let state: Awaited<ReturnType<typeof standingState>>;
let whole: Buffer;
let manifest: Manifest;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'feed-'));
  state = await standingState(home, OWNER, consensus);
  whole = await state.stateFile();
  const into = join(home, 'store', TAG);
  await mkdir(into, { recursive: true });
  const run = {
    stateDir: state.stateDir,
    profileHash: profileHash(consensus),
    hotkey: OWNER,
    consensus,
    into,
  };
  const { files } = await exportState(run, { signal: never, seen: () => undefined });
  manifest = { tag: TAG, files } as never;
  await writeFile(join(into, 'manifest.json'), '{}');
});
afterEach(() => rm(home, { recursive: true }));

/** A newcomer that peers may join, and one store that feeds it. */
async function newcomer(donorCount: number) {
  const net = new MemoryWorld();
  const [self, ...others] = await Promise.all(
    Array.from({ length: donorCount + 1 }, (_, i) => testMember(i)),
  );
  const network = net.join(self!.hotkey, self!.key.publicKey);
  const path = join(home, 'donated.bin');
  await writeFile(path, whole);
  const { baseDigest } = state;
  for (const { hotkey, key } of others)
    await new StateDonor(net.join(hotkey, key.publicKey), pieceBytes).offer({
      ...{ baseDigest, path, sizeBytes: whole.length, lineage: [] },
    });
  const receiver = new StateReceiver({
    ...{ network, disk: plainDisk(), pieceBytes, extents: stateExtents(consensus.model) },
    ...{ liars: new Set<never>(), onProgress: () => undefined, onLiar: () => undefined },
  });
  const wanted = { baseDigest, sizeBytes: whole.length, path: join(home, 'fetched.bin'), hasStores: true };
  const store = openToRead({ kind: 'folder', path: join(home, 'store') }, null, plainGround());
  const feed = (from: StateReader = store, name = 'folder 0') =>
    feedFrom(
      {
        ...{ name, manifest, scratch: join(home, `scratch of ${name}`) },
        tensors: async (asked, signal) => ({
          tensors: await tensorsOf({ store: from, ground: plainGround() }, { tag: TAG, ...asked }, signal),
        }),
        extent: (asked, signal) =>
          readExtent({ store: from, ground: plainGround() }, { tag: TAG, ...asked }, signal),
      },
      consensus.model,
      {
        claim: (name) => receiver.claim(baseDigest, name),
        give: (name, extent, at) => receiver.give(baseDigest, name, extent, at),
        drop: (name, extent) => receiver.drop(baseDigest, name, extent),
      },
      never,
    );
  const list = () => receiver.giveManifest(baseDigest, join(home, 'store', TAG, 'pieces.bin'));
  return { receiver, wanted, feed, list, others };
}

const harm = async (name: string, at: number) => {
  const path = join(home, 'store', TAG, name);
  const bytes = await readFile(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  await writeFile(path, bytes);
};
const fetched = () => readFile(join(home, 'fetched.bin'));

describe('a state that stores feed', () => {
  it('comes to the byte from one store alone, matrices the right way round', async () => {
    const { receiver, wanted, feed, list } = await newcomer(0);
    const fetching = receiver.fetch(wanted, never);
    expect(await list()).toBe(true);
    await feed();
    expect((await fetching).donors).toEqual([]);
    expect((await fetched()).equals(whole)).toBe(true);
  });

  it('comes from two stores at once without a peer', async () => {
    const { receiver, wanted, feed, list } = await newcomer(0);
    const fetching = receiver.fetch(wanted, never);
    expect(await list()).toBe(true);
    await Promise.all([feed(), feed(undefined, 'folder 1')]);
    await fetching;
    expect((await fetched()).equals(whole)).toBe(true);
  });

  it('comes from peers where the store lies, which is named', async () => {
    await harm('outer.safetensors', -5);
    const { receiver, wanted, feed, others } = await newcomer(1);
    // The store has all of it before the peer is asked for anything.
    const fetching = receiver.fetch(wanted, never);
    await feed().catch(({ code }) => expect(code).toBe('STORE_STATE_DAMAGED'));
    await receiver.closeStores(state.baseDigest);
    expect((await fetching).donors).toEqual(others.map(({ hotkey }) => hotkey));
    expect((await fetched()).equals(whole)).toBe(true);
  });

  it('is refused where a piece of a store alone is wrong', async () => {
    await harm('model.safetensors', -5);
    const { receiver, wanted, feed, list } = await newcomer(0);
    const stop = new AbortController();
    const fetching = receiver.fetch(wanted, stop.signal);
    expect(await list()).toBe(true);
    await expect(feed()).rejects.toMatchObject({ code: 'STORE_STATE_DAMAGED' });
    stop.abort();
    await expect(fetching).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is not begun with digests that are of another state', async () => {
    await harm('pieces.bin', 7);
    const { receiver, wanted, list } = await newcomer(0);
    const stop = new AbortController();
    const fetching = receiver.fetch(wanted, stop.signal);
    expect(await list()).toBe(false);
    stop.abort();
    await expect(fetching).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is dropped for others where a store sends nothing', async () => {
    const { receiver, wanted, feed, list } = await newcomer(0);
    const store = openToRead({ kind: 'folder', path: join(home, 'store') }, null, plainGround());
    const cut: StateReader = {
      list: store.list,
      async *read(tag, name, range, signal) {
        const parts: Uint8Array[] = [];
        for await (const part of store.read(tag, name, range, signal)) parts.push(part.slice());
        const all = Buffer.concat(parts);
        // Headers come whole.
        if (all.length <= 20_000) yield all;
      },
    };
    const fetching = receiver.fetch(wanted, never);
    expect(await list()).toBe(true);
    await expect(feed(cut)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await feed();
    await fetching;
    expect((await fetched()).equals(whole)).toBe(true);
  });
});
