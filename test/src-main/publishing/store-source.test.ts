import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SharedPublish } from '../../../src-main/publishing/shared-publish.ts';
import { storeSource } from '../../../src-main/publishing/store-source.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import {
  LINEAGE_FILE,
  MANIFEST,
  type Manifest,
  PIECES_FILE,
  type StoredFile,
  writeManifest,
} from '../../../src-shared/published/manifest.ts';
import { hex } from '../../../src-shared/units.ts';
import { downloadState, type Wanted } from '../../../src-worker/publish/stores/download.ts';
import type { StateReader } from '../../../src-worker/publish/stores/store.ts';
import { madeState } from '../../src-worker/publish/stores/made-state.ts';
import { plainGround } from '../../src-worker/publish/stores/rig.ts';
import { smallConsensus } from '../../src-worker/train/interchange/published-rig.ts';

const { signal } = new AbortController();
const tag = '1.1.17';
const baseDigest = hex('cd'.repeat(32));
const file = (name: string, sizeBytes: number): StoredFile => ({
  name,
  sizeBytes,
  sha256: hex('ef'.repeat(32)),
});

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'store-source-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A store that shows one manifest when it is looked at, and another from then on. */
async function twoFaced(first: readonly StoredFile[], later: readonly StoredFile[]) {
  const { manifest } = await madeState(join(home, 'made'), tag, 1, {
    run: { name: 'small', profileHash: profileHash(smallConsensus) },
    baseDigest,
  });
  const faces: Manifest[] = [first, later].map((files) => ({ ...manifest, files: [...files] }));
  const asked: string[] = [];
  const reader: StateReader = {
    list: async () => [{ tag, revision: 'one' }],
    async *read(_tag, name) {
      asked.push(name);
      const [face, next] = faces;
      if (name === MANIFEST) yield Buffer.from(writeManifest(face!));
      if (name === MANIFEST && next) faces.shift();
    },
  };
  const call = async (name: string, args: Wanted) =>
    name === 'store.list'
      ? { states: await reader.list(signal) }
      : downloadState(reader, args, plainGround().progress, signal);
  const log: string[] = [];
  const source = storeSource({
    places: async () => [{ place: { kind: 'web', url: 'https://states.example/' }, secret: null }],
    publish: { client: async () => ({ call }) } as unknown as Pick<SharedPublish, 'client'>,
    ...{ consensus: smallConsensus, profileHash: profileHash(smallConsensus) },
    ...{ folder: join(home, 'downloads'), extraEnv: {}, log: (line: string) => void log.push(line) },
  });
  return { source, asked, log };
}

describe('a store that names larger files once it was looked at', () => {
  it('sends no longer list of rounds than it named first', async () => {
    const { source, asked, log } = await twoFaced([file(LINEAGE_FILE, 100)], [file(LINEAGE_FILE, 2 ** 40)]);
    for await (const list of source.lineages(signal)) expect.unreachable(`a list of ${list.length} rounds`);
    expect(asked).toEqual([MANIFEST, MANIFEST]);
    expect(log.join()).toContain('STORE_STATE_DAMAGED');
  });

  it('sends no more weights than the model has', async () => {
    const { source, asked } = await twoFaced(
      [file('model.safetensors', 100)],
      [file('model.safetensors', 2 ** 40)],
    );
    const wanted = { round: 0, baseDigest, path: join(home, 'state') };
    await expect(source.fetch(wanted, signal)).rejects.toMatchObject({ code: 'STORE_STATE_DAMAGED' });
    expect(asked).toEqual([MANIFEST, MANIFEST]);
  });
});

it('keeps what comes of stores that feed one state at once apart', async () => {
  const { manifest } = await madeState(join(home, 'made'), tag, 1, {
    run: { name: 'small', profileHash: profileHash(smallConsensus) },
    baseDigest,
    files: [file(PIECES_FILE, 20)],
  });
  const call = async (name: string, { store, names, into }: Wanted & { store: { url: string } }) => {
    if (name === 'store.list') return { states: [{ tag, revision: 'one' }] };
    await mkdir(into, { recursive: true });
    const [piece] = names ?? [];
    await writeFile(join(into, piece ?? MANIFEST), piece ? store.url : writeManifest(manifest));
    return { receivedBytes: 0, foundBytes: 0 };
  };
  const urls = ['https://one.example/', 'https://other.example/'];
  const source = storeSource({
    places: async () => urls.map((url) => ({ place: { kind: 'web', url }, secret: null })),
    publish: { client: async () => ({ call }) } as unknown as Pick<SharedPublish, 'client'>,
    ...{ consensus: smallConsensus, profileHash: profileHash(smallConsensus) },
    ...{ folder: join(home, 'downloads'), extraEnv: {}, log: () => undefined },
  });
  const both = Promise.withResolvers<void>();
  const paths: string[] = [];
  const lists: string[] = [];
  const sink = {
    async manifest(path: string) {
      if (paths.push(path) === urls.length) both.resolve();
      await both.promise;
      lists.push(await readFile(path, 'utf8'));
      return false;
    },
    claim: async () => ({ extent: null, isOver: true }),
    give: async () => false,
    drop: async () => undefined,
  };
  await source.feed({ round: 0, baseDigest, path: join(home, 'state') }, sink, signal);
  expect(lists.sort()).toEqual(urls);
});
