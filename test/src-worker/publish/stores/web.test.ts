import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STATE_INDEX, STATE_INDEX_BYTES_MAX } from '../../../../src-shared/published/state-index.ts';
import { downloadState } from '../../../../src-worker/publish/stores/download.ts';
import { folderStore } from '../../../../src-worker/publish/stores/folder.ts';
import { openLocalState } from '../../../../src-worker/publish/stores/local-state.ts';
import { openToRead } from '../../../../src-worker/publish/stores/open-store.ts';
import { type FolderServer, folderServer } from '../../../fakes/stores/folder-server.ts';
import { type MadeState, madeState } from './made-state.ts';
import { plainGround, recordedGround } from './rig.ts';

const { signal } = new AbortController();
const { progress } = plainGround();

describe('a folder of states behind a server of the web', () => {
  let home: string;
  let server: FolderServer;
  const index = () => join(home, STATE_INDEX);
  const ownStore = () => folderStore(home, plainGround());
  const reader = () => openToRead({ kind: 'web', url: server.url }, null, recordedGround());
  const tags = async () => (await reader().list(signal)).map(({ tag }) => tag);
  const put = async (tag: string): Promise<MadeState> => {
    const made = await madeState(join(home, `made-${tag}`), tag);
    await ownStore().put(await openLocalState(made.folder), { isPublic: false }, signal);
    return made;
  };
  const bring = (tag: string) =>
    downloadState(reader(), { tag, names: null, into: join(home, 'back') }, progress, signal);

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'web-store-'));
    server = await folderServer(home);
  });
  afterEach(async () => {
    await server.stop();
    await rm(home, { recursive: true });
  });

  it('is listed and read by whoever knows its address alone', async () => {
    const made = await put('1.4.17');
    await put('1.10.3');
    expect(await tags()).toEqual(['1.4.17', '1.10.3']);
    await bring('1.4.17');
    for (const [name, bytes] of Object.entries(made.files))
      expect(await readFile(join(home, 'back', name))).toEqual(bytes);
  });

  it('lists what stays when others are given up', async () => {
    for (const tag of ['1.1.1', '1.2.1']) await put(tag);
    await ownStore().keepFrom('1.2.1', signal);
    expect(await tags()).toEqual(['1.2.1']);
  });

  it('gets its list with the next put where a kill came between state and list', async () => {
    await put('1.1.1');
    await rm(index());
    await expect(tags()).rejects.toMatchObject({ code: 'STORE_WITHOUT_LIST', params: { place: server.url } });
    await ownStore().put(await openLocalState(join(home, 'made-1.1.1')), { isPublic: false }, signal);
    expect(await tags()).toEqual(['1.1.1']);
  });

  it('leaves a list as it lies that says what is there', async () => {
    await put('1.1.1');
    const before = await stat(index());
    await ownStore().put(await openLocalState(join(home, 'made-1.1.1')), { isPublic: false }, signal);
    expect((await stat(index())).ino).toBe(before.ino);
  });

  it('goes on with a file from where it broke off', async () => {
    const made = await put('1.4.17');
    await bring('1.4.17');
    const path = join(home, 'back', 'model.safetensors');
    await rm(path);
    await writeFile(`${path}.part`, made.files['model.safetensors']!.subarray(0, 123_456));
    await bring('1.4.17');
    expect(await readFile(path)).toEqual(made.files['model.safetensors']);
    expect(server.asked.at(-1)).toEqual({ path: '/1.4.17/model.safetensors', range: 'bytes=123456-' });
  });

  it('takes no whole file for the rest of one', async () => {
    const made = await put('1.4.17');
    const read = async () => {
      for await (const _ of reader().read('1.4.17', 'model.safetensors', { begin: 5 }, signal));
    };
    server.next((_request, response) => response.writeHead(200).end(made.files['model.safetensors']));
    await expect(read()).rejects.toMatchObject({ code: 'STORE_ANSWER_FOREIGN' });
    await expect(read()).resolves.toBeUndefined();
  });

  it('says that a state is not there which is only listed', async () => {
    await writeFile(index(), JSON.stringify({ format: 1, states: [{ tag: '1.1.1', revision: 'x' }] }));
    await expect(bring('1.1.1')).rejects.toMatchObject({ code: 'STORE_STATE_MISSING' });
  });

  it.each([
    ['no list', '<html>'],
    ['a path for a state', JSON.stringify({ format: 1, states: [{ tag: '../1.1.1', revision: 'x' }] })],
    ['another format', JSON.stringify({ format: 2, states: [] })],
    ['a list without end', ' '.repeat(STATE_INDEX_BYTES_MAX + 1)],
  ])('refuses %s', async (_name, text) => {
    await writeFile(index(), text);
    await expect(tags()).rejects.toMatchObject({ code: 'STORE_ANSWER_FOREIGN' });
  });

  it('follows nobody elsewhere: there may be a door that only the reader can reach', async () => {
    await put('1.1.1');
    const elsewhere = await folderServer(home);
    try {
      const lead = { location: `${elsewhere.url}${STATE_INDEX}` };
      for (let once = 0; once < 10; once++)
        server.next((_request, response) => response.writeHead(302, lead).end());
      await expect(tags()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      expect(elsewhere.asked).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  it('waits as long as the server says', async () => {
    await put('1.1.1');
    server.next((_request, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    const ground = recordedGround();
    const store = openToRead({ kind: 'web', url: server.url }, null, ground);
    expect(await store.list(signal)).toHaveLength(1);
    expect(ground.waits).toEqual([{ reason: 'asked', waitMs: 7_000 }]);
  });

  it('speaks to other computers encrypted alone', async () => {
    const store = openToRead({ kind: 'web', url: 'http://example.org/states/' }, null, recordedGround());
    await expect(store.list(signal)).rejects.toMatchObject({ code: 'STORE_ADDRESS_INSECURE' });
  });
});
