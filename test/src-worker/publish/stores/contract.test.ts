import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorePlace } from '../../../../src-shared/contract/publish/stores.ts';
import { PROFILE_BYTES_MAX } from '../../../../src-shared/profile/limits.ts';
import { downloadState } from '../../../../src-worker/publish/stores/download.ts';
import { openLocalState } from '../../../../src-worker/publish/stores/local-state.ts';
import { openStore } from '../../../../src-worker/publish/stores/open-store.ts';
import { retire } from '../../../../src-worker/publish/stores/retire.ts';
import type { StateStore } from '../../../../src-worker/publish/stores/store.ts';
import { type ModelHub, startModelHub } from '../../../fakes/hub/models.ts';
import { fakeS3, S3_KEY } from '../../../fakes/stores/fake-s3.ts';
import { madeState } from './made-state.ts';
import { plainGround } from './rig.ts';

interface Rig {
  readonly place: StorePlace;
  readonly secret: string | null;
  stop(): Promise<void>;
}

const hubPlace = (hub: ModelHub): StorePlace => ({
  kind: 'hub',
  url: hub.url,
  repository: null,
  repositoryName: 'sn38-test',
  xet: false,
});

const rigs: Readonly<Record<string, (home: string) => Promise<Rig>>> = {
  folder: async (home) => ({
    place: { kind: 'folder', path: home },
    secret: null,
    stop: async () => undefined,
  }),
  's3-compatible bucket': async () => {
    const s3 = await fakeS3();
    const { accessKeyId } = S3_KEY;
    return {
      place: { kind: 's3', endpoint: s3.url, bucket: s3.bucket, region: 'auto', accessKeyId },
      secret: S3_KEY.secretAccessKey,
      stop: s3.stop,
    };
  },
  'Hub, basic': async () => {
    const hub = await startModelHub();
    return { place: hubPlace(hub), secret: hub.token, stop: hub.stop };
  },
  'Hub, multipart': async () => {
    const hub = await startModelHub({ transfer: { partBytes: 100_000 } });
    return { place: hubPlace(hub), secret: hub.token, stop: hub.stop };
  },
};

const { signal } = new AbortController();
const { progress } = plainGround();

describe.each(Object.entries(rigs))('a store of states: %s', (_name, start) => {
  let home: string;
  let rig: Rig;
  const open = (): StateStore => openStore(rig.place, rig.secret, plainGround());
  const put = async (folder: string) => open().put(await openLocalState(folder), { isPublic: false }, signal);
  const bring = (tag: string, into: string) =>
    downloadState(open(), { tag, names: null, into: join(home, into) }, progress, signal);

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'stores-'));
    rig = await start(join(home));
  });
  afterEach(async () => {
    await rig.stop();
    await rm(home, { recursive: true });
  });

  it('gives back to the byte what was put', async () => {
    const made = await madeState(join(home, 'a'), '1.4.17');
    const done = await put(made.folder);
    expect(done.state.tag).toBe('1.4.17');
    await bring('1.4.17', 'back');
    for (const [name, bytes] of Object.entries(made.files))
      expect(await readFile(join(home, 'back', name))).toEqual(bytes);
    expect(await readFile(join(home, 'back', 'manifest.json'), 'utf8')).toBe(
      await readFile(join(made.folder, 'manifest.json'), 'utf8'),
    );
  });

  it('sends nothing of a state that it has', async () => {
    const made = await madeState(join(home, 'a'), '1.4.17');
    await put(made.folder);
    const again = await put(made.folder);
    expect(again.foundBytes).toBe(made.manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    expect(again.sentBytes).toBe(0);
  });

  it('never changes what stands under a tag', async () => {
    await put((await madeState(join(home, 'a'), '1.4.17')).folder);
    const other = await madeState(join(home, 'b'), '1.4.17');
    await expect(put(other.folder)).rejects.toMatchObject({ code: 'STORE_STATE_DIFFERS' });
    await bring('1.4.17', 'back');
    expect(await readFile(join(home, 'back', 'model.safetensors'))).not.toEqual(
      other.files['model.safetensors'],
    );
  });

  it('lists states in the order of their numbers', async () => {
    for (const tag of ['1.10.1', '1.9.3', '1.2.4'])
      await put((await madeState(join(home, `made-${tag}`), tag)).folder);
    expect((await open().list(signal)).map(({ tag }) => tag)).toEqual(['1.2.4', '1.9.3', '1.10.1']);
  });

  it('keeps the newest and gives up the others', async () => {
    for (const tag of ['1.1.1', '1.2.1', '1.3.1'])
      await put((await madeState(join(home, `made-${tag}`), tag)).folder);
    await retire(open(), 2, signal);
    expect((await open().list(signal)).map(({ tag }) => tag)).toEqual(['1.2.1', '1.3.1']);
    await expect(bring('1.1.1', 'gone')).rejects.toMatchObject({ code: 'STORE_STATE_MISSING' });
    await bring('1.2.1', 'kept');
  });

  it('counts full states alone, and keeps what single rounds changed since the oldest', async () => {
    for (const [tag, kind] of [
      ['1.1.1', 'state'],
      ['1.2.1', 'update'],
      ['1.3.1', 'state'],
      ['1.4.1', 'update'],
    ] as const)
      await put((await madeState(join(home, `made-${tag}`), tag, 300_000, { kind })).folder);
    await retire(open(), 2, signal);
    expect((await open().list(signal)).length).toBe(4);
    await retire(open(), 1, signal);
    expect((await open().list(signal)).map(({ tag }) => tag)).toEqual(['1.3.1', '1.4.1']);
  });

  describe('a run’s profile', () => {
    const path = `run-profiles/${'ab'.repeat(32)}.json`;
    const profile = { path, text: `${JSON.stringify({ consensus: 'of a run', of: 'x'.repeat(2_000) })}\n` };
    const other = { path, text: '{"consensus":"of another"}\n' };
    const putProfile = (one = profile) => open().putProfile(one, signal);

    it('is put once, and found from then on', async () => {
      expect(await putProfile()).toBe(true);
      expect(await putProfile()).toBe(false);
      await expect(putProfile(other)).rejects.toMatchObject({ code: 'STORE_FILE_DIFFERS', params: { path } });
      expect(await putProfile()).toBe(false);
    });

    it('finds no profile in a file of the same name that has no end', async () => {
      await putProfile({ path, text: 'x'.repeat(PROFILE_BYTES_MAX + 1) });
      await expect(putProfile()).rejects.toMatchObject({ code: 'STORE_FILE_DIFFERS' });
    });

    it('leaves the states beside it as they are, and stays when they go', async () => {
      await putProfile();
      for (const tag of ['1.1.1', '1.2.1'])
        await put((await madeState(join(home, `made-${tag}`), tag)).folder);
      expect((await open().list(signal)).map(({ tag }) => tag)).toEqual(['1.1.1', '1.2.1']);
      await retire(open(), 1, signal);
      expect(await putProfile()).toBe(false);
      expect((await open().list(signal)).map(({ tag }) => tag)).toEqual(['1.2.1']);
    });
  });

  it('says that a state is not there', async () => {
    await put((await madeState(join(home, 'a'), '1.4.17')).folder);
    await expect(bring('1.5.0', 'none')).rejects.toMatchObject({ code: 'STORE_STATE_MISSING' });
  });

  it('goes on with a file that broke off on its way here', async () => {
    const made = await madeState(join(home, 'a'), '1.4.17');
    await put(made.folder);
    await bring('1.4.17', 'back');
    const path = join(home, 'back', 'model.safetensors');
    await rm(path);
    const begun = made.files['model.safetensors']!.subarray(0, 123_456);
    await writeFile(`${path}.part`, begun);
    const { foundBytes } = await bring('1.4.17', 'back');
    expect(foundBytes).toBe(begun.length + made.files['config.json']!.length);
    expect(await readFile(path)).toEqual(made.files['model.safetensors']);
  });

  it('begins a file anew whose beginning is wrong', async () => {
    const made = await madeState(join(home, 'a'), '1.4.17');
    await put(made.folder);
    await bring('1.4.17', 'back');
    const path = join(home, 'back', 'model.safetensors');
    await rm(path);
    await writeFile(`${path}.part`, randomBytes(1_000));
    await bring('1.4.17', 'back');
    expect(await readFile(path)).toEqual(made.files['model.safetensors']);
  });

  it('proves by a round trip that it can be written and read, and leaves nothing of it', async () => {
    const listed = () =>
      open()
        .list(signal)
        .catch(() => []);
    const before = await listed();
    const said = await open().verify(randomBytes(1_000_000), signal);
    expect(said.place).not.toBe('');
    expect(await listed()).toEqual(before);
    expect((await readdir(home)).filter((name) => name.startsWith('.test'))).toEqual([]);
  });

  it('refuses to publish a file that has changed since its manifest', async () => {
    const made = await madeState(join(home, 'a'), '1.4.17');
    await writeFile(join(made.folder, 'model.safetensors'), randomBytes(300_000));
    await expect(put(made.folder)).rejects.toMatchObject({ code: 'PUBLISH_FOLDER_UNFIT' });
    expect((await open().list(signal)).map(({ tag }) => tag)).toEqual([]);
  });

  it('ends at once when the job does', async () => {
    const made = await madeState(join(home, 'a'), '1.4.17');
    const ending = new AbortController();
    const held = plainGround();
    held.pace.set(0);
    const begun = Promise.withResolvers<void>();
    const telling = { begin: () => begun.resolve(), add: () => undefined };
    const store = openStore(rig.place, rig.secret, { ...held, progress: telling });
    const work = store.put(await openLocalState(made.folder), { isPublic: false }, ending.signal);
    const over = expect(work).rejects.toThrow();
    await begun.promise;
    ending.abort();
    await over;
  });
});
