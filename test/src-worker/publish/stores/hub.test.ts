import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HUB_PRIVATE_BYTES_MAX } from '../../../../src-worker/publish/limits.ts';
import { hubStore } from '../../../../src-worker/publish/stores/hub.ts';
import { openLocalState } from '../../../../src-worker/publish/stores/local-state.ts';
import { type ModelHub, type ModelHubOptions, startModelHub } from '../../../fakes/hub/models.ts';
import { madeState } from './made-state.ts';
import { type RecordedGround, recordedGround } from './rig.ts';

const { signal } = new AbortController();
let home: string;
let hub: ModelHub;
let ground: RecordedGround;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hub-'));
  ground = recordedGround();
  hub = await startModelHub();
});
afterEach(async () => {
  await hub.stop();
  await rm(home, { recursive: true });
});

async function other(options: ModelHubOptions): Promise<void> {
  await hub.stop();
  hub = await startModelHub(options);
}

const store = (token: string | null = hub.token, url = hub.url) =>
  hubStore({ kind: 'hub', url, repository: null, repositoryName: 'sn38-x', xet: false }, token, ground);
const put = async (folder: string, isPublic = false) =>
  store().put(await openLocalState(folder), { isPublic }, signal);
const made = async (tag = '1.4.17') => (await madeState(join(home, tag), tag)).folder;
const commitsOf = (tag: string) =>
  [...hub.commits.values()].filter(({ title }) => title.includes(tag)).length;

describe('a state on the Hub', () => {
  it('is one commit with the tag of the subnet’s naming, in a private repository of the key’s account', async () => {
    const { state } = await put(await made());
    expect(hub.tags.get('1.4.17')).toBe(state.revision);
    expect(hub.branches.get('main')).toBe(state.revision);
    expect(hub.isPrivate).toBe(true);
    expect(hub.asked.some((line) => line.includes('/api/models/me/sn38-x/commit/main'))).toBe(true);
  });

  it('opens a private repository to all when it is told to', async () => {
    await put(await made(), true);
    expect(hub.isPrivate).toBe(false);
  });

  it('is not begun where it would not fit into what one person may keep to themselves', async () => {
    await other({ usedBytes: HUB_PRIVATE_BYTES_MAX - 100_000 });
    await expect(put(await made())).rejects.toMatchObject({
      ...{ code: 'STORE_FULL', params: { place: 'me/sn38-x', neededMib: 1 } },
    });
    expect(hub.putBytes).toBe(0);
    await put(await made(), true);
    expect(hub.tags.has('1.4.17')).toBe(true);
  });

  it.each([
    [413, 'STORE_FULL'],
    [403, 'STORE_SCOPE_MISSING'],
    [422, 'STORE_ANSWER_FOREIGN'],
  ])('says what it means that one file is refused with %i: %s', async (code, means) => {
    const state = await madeState(join(home, 'a'), '1.4.17');
    const [oid, size] = state.manifest.files.map((file) => [file.sha256, file.sizeBytes] as const)[1]!;
    const objects = [{ oid, size, error: { code, message: 'no' } }];
    const body = JSON.stringify({ transfer: 'basic', objects });
    const headers = { 'content-type': 'application/json' };
    hub.fail(/objects\/batch/, { kind: 'answer', when: 'before', status: 200, headers, body });
    await expect(put(state.folder)).rejects.toMatchObject({ code: means });
  });

  it('takes files of the state before away that it does not have itself', async () => {
    await put(await made('1.1.0'));
    const fewer = await madeState(join(home, 'fewer'), '1.3.0');
    await writeFile(
      join(fewer.folder, 'manifest.json'),
      JSON.stringify({ ...fewer.manifest, files: fewer.manifest.files.slice(1) }),
    );
    await put(fewer.folder);
    const head = hub.commits.get(hub.branches.get('main')!)!;
    expect([...head.files.keys()].sort()).toEqual(['.gitattributes', 'manifest.json', 'model.safetensors']);
  });

  it('builds on a commit that somebody else made in between', async () => {
    hub.fail(/POST .*\/commit\/main/, { kind: 'answer', when: 'before', status: 412 });
    await put(await made());
    expect(commitsOf('1.4.17')).toBe(1);
    expect(ground.waits).toEqual([]);
  });

  it('gives up after five commits of others in a row', async () => {
    for (let i = 0; i < 6; i++)
      hub.fail(/POST .*\/commit\/main/, { kind: 'answer', when: 'before', status: 412 });
    await expect(put(await made())).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(hub.asked.filter((line) => /POST .*\/commit\/main/.test(line)).length).toBe(6);
  });

  it('waits as long as the Hub says when it is asked to', async () => {
    hub.fail(/POST .*\/preupload/, {
      ...{ kind: 'answer', when: 'before', status: 429 },
      headers: { ratelimit: '"api";r=0;t=55' },
    });
    await put(await made());
    expect(ground.waits).toEqual([{ reason: 'asked', waitMs: 55_000 }]);
  });

  it.each([
    ['an answer of 500', { kind: 'answer', when: 'after', status: 500 }],
    ['a broken connection', { kind: 'cut', when: 'after' }],
  ] as const)('makes one commit only where it is made and %s follows', async (_what, fault) => {
    hub.fail(/POST .*\/commit\/main/, fault);
    const { state } = await put(await made());
    expect(commitsOf('1.4.17')).toBe(1);
    expect(hub.tags.get('1.4.17')).toBe(state.revision);
  });

  it('sends a large file again that broke off, and the others not', async () => {
    hub.fail(/PUT \/lfs/, { kind: 'cut', when: 'before' });
    await put(await made());
    expect(hub.asked.filter((line) => line.startsWith('PUT /lfs')).length).toBe(2);
    expect(ground.waits).toEqual([{ reason: 'failed', waitMs: 1_000 }]);
  });

  it('is tagged by the next try where a kill came between commit and tag', async () => {
    const folder = await made();
    hub.fail(/POST .*\/tag\//, { kind: 'answer', when: 'before', status: 400 });
    await expect(put(folder)).rejects.toMatchObject({ code: 'STORE_ANSWER_FOREIGN' });
    const { sentBytes } = await put(folder);
    expect(sentBytes).toBe(0);
    expect(commitsOf('1.4.17')).toBe(1);
    expect([...hub.tags.keys()]).toEqual(['1.4.17']);
  });

  it('gives up after five failures, with growing pauses', async () => {
    for (let i = 0; i < 5; i++)
      hub.fail(/POST .*\/commit\/main/, { kind: 'answer', when: 'before', status: 502 });
    await expect(put(await made())).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(ground.waits.map(({ waitMs }) => waitMs)).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it('is not sent within a commit when it is large, whatever the other side asks for', async () => {
    hub.fail(/POST .*\/preupload/, {
      ...{ kind: 'answer', when: 'before', status: 200 },
      body: JSON.stringify({ files: [{ path: 'model.safetensors', uploadMode: 'regular' }] }),
    });
    const large = await madeState(join(home, 'large'), '1.5.0', 11 * 1024 * 1024);
    await expect(put(large.folder)).rejects.toMatchObject({ code: 'STORE_ANSWER_FOREIGN' });
  });
});

describe('a state that goes to the Hub in chunks', () => {
  const inChunks = () =>
    hubStore(
      { kind: 'hub', url: hub.url, repository: null, repositoryName: 'sn38-x', xet: true },
      hub.token,
      ground,
    );

  it('is one commit of the same contents', async () => {
    await other({ transfer: 'xet' });
    const local = await openLocalState(await made());
    await inChunks().put(local, { isPublic: false }, signal);
    const head = hub.commits.get(hub.branches.get('main')!)!;
    const weights = local.manifest.files.find(({ name }) => name === 'model.safetensors')!;
    expect(head.files.get('model.safetensors')).toBe(weights.sha256);
    // Random bytes do not compress.
    expect(hub.chunkBytes).toBeGreaterThan(weights.sizeBytes);
  });

  it('goes in plain requests where the Hub wants those', async () => {
    const local = await openLocalState(await made());
    await inChunks().put(local, { isPublic: false }, signal);
    expect(hub.chunkBytes).toBe(0);
    expect(hub.tags.has('1.4.17')).toBe(true);
  });

  it('is tried again where a chunk did not arrive', async () => {
    await other({ transfer: 'xet' });
    hub.fail(/POST \/v1\/xorbs/, { kind: 'cut', when: 'before' });
    await inChunks().put(await openLocalState(await made()), { isPublic: false }, signal);
    expect(hub.tags.has('1.4.17')).toBe(true);
    expect(ground.waits.map(({ reason }) => reason)).toEqual(['failed']);
  });
});

describe('a key for the Hub', () => {
  const sample = new Uint8Array(1_000_000);

  it('that is none is missing', async () => {
    await expect(store(null).verify(sample, signal)).rejects.toMatchObject({ code: 'STORE_KEY_MISSING' });
  });

  it('is not needed to read what is open to all', async () => {
    const { state } = await put(await made(), true);
    const anybody = hubStore(
      { kind: 'hub', url: hub.url, repository: 'me/sn38-x', repositoryName: 'x', xet: false },
      null,
      ground,
    );
    expect(await anybody.list(signal)).toEqual([state]);
    const local = await openLocalState(await made('1.5.0'));
    await expect(anybody.put(local, { isPublic: false }, signal)).rejects.toMatchObject({
      code: 'STORE_KEY_MISSING',
    });
  });

  it('that the Hub does not know is refused', async () => {
    await expect(store('hf_wrong').verify(sample, signal)).rejects.toMatchObject({
      code: 'STORE_KEY_REFUSED',
    });
  });

  it('that may only read lacks the right to write', async () => {
    await other({ role: 'read' });
    await expect(store().verify(sample, signal)).rejects.toMatchObject({ code: 'STORE_SCOPE_MISSING' });
  });

  it('that may not make this repository lacks that right', async () => {
    await other({ role: 'fineGrained' });
    await expect(store().verify(sample, signal)).rejects.toMatchObject({ code: 'STORE_SCOPE_MISSING' });
  });

  it('that is for this repository alone is enough where that is there', async () => {
    await other({ role: 'fineGrained', repository: 'me/sn38-x' });
    expect(await store().verify(sample, signal)).toMatchObject({ place: 'me/sn38-x' });
    expect(hub.asked).not.toContain('POST /api/repos/create');
  });

  it('is told of no room as such', async () => {
    hub.fail(/POST .*\/commit\//, {
      ...{ kind: 'answer', when: 'before', status: 403 },
      body: '{"error":"Private repository storage limit reached"}',
    });
    await expect(store().verify(sample, signal)).rejects.toMatchObject({ code: 'STORE_FULL' });
  });

  it('is tried without a trace on the branch that others see', async () => {
    await other({ repository: 'me/sn38-x' });
    const said = await store().verify(sample, signal);
    expect(said).toMatchObject({ account: 'me', place: 'me/sn38-x', isPublic: false });
    expect([...hub.branches.keys()]).toEqual(['main']);
    expect(hub.commits.get(hub.branches.get('main')!)!.title).toBe('initial commit');
  });

  it('leaves no repository behind that was made to try it, and every other', async () => {
    await store().verify(new Uint8Array(1_000), signal);
    expect(hub.branches.size).toBe(0);
    expect(hub.asked.some((line) => line.includes('/api/repos/delete'))).toBe(true);
    await put(await made());
    await store().verify(new Uint8Array(1_000), signal);
    expect([...hub.tags.keys()]).toEqual(['1.4.17']);
    expect([...hub.branches.keys()]).toEqual(['main']);
  });

  it('goes to no address that is not encrypted', async () => {
    await expect(store(hub.token, 'http://hub.example').verify(sample, signal)).rejects.toMatchObject({
      code: 'STORE_ADDRESS_INSECURE',
    });
  });

  it('is in no request to where large files lie', async () => {
    await put(await made());
    expect(hub.authorizedElsewhere).toBe(0);
  });
});
