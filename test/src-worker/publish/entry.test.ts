import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPublish } from '../../../src-main/publishing/start-publish.ts';
import type { SupervisedChild } from '../../../src-main/supervisor/supervise.ts';
import type { PublishContract } from '../../../src-shared/contract/publish.ts';
import { PART_BYTES } from '../../../src-worker/publish/limits.ts';
import { fakeS3, S3_KEY } from '../../fakes/stores/fake-s3.ts';
import { soon } from '../../soon.ts';
import { madeState } from './stores/made-state.ts';

let home: string;
let child: SupervisedChild<PublishContract>;
const { signal } = new AbortController();

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'publish-'));
  child = startPublish({
    dataDir: home,
    extraEnv: {},
    notices: { notice: () => undefined, clearNotice: () => undefined },
    log: () => undefined,
    onGaveUp: (error) => {
      throw error;
    },
  });
  await child.whenReady(signal);
});

afterEach(async () => {
  await child.stop();
  await rm(home, { recursive: true });
});

const place = () => ({ kind: 'folder', path: home }) as const;

describe('the publish process', () => {
  it('publishes a state, lists it and brings it back', async () => {
    const made = await madeState(join(home, 'made'), '1.2.3');
    const at = { store: place(), secret: null };
    const upload = { ...at, job: 'up', folder: made.folder, keepStates: 5, isPublic: false };
    const phases: string[] = [];
    child.on('progress', ({ job, phase }) => phases.push(`${job} ${phase}`));
    const put = await child.call('store.upload', upload, signal);
    expect(put).toMatchObject({ state: { tag: '1.2.3' }, foundBytes: 0 });
    const { states } = await child.call('store.list', { ...at, job: 'list' }, signal);
    expect(states.map(({ tag }) => tag)).toEqual(['1.2.3']);
    const into = join(home, 'back');
    await child.call('store.download', { ...at, job: 'down', tag: '1.2.3', names: null, into }, signal);
    expect((await readdir(into)).sort()).toEqual(['config.json', 'manifest.json', 'model.safetensors']);
    expect(await readFile(join(into, 'model.safetensors'))).toEqual(made.files['model.safetensors']);
    expect(new Set(phases)).toEqual(new Set(['up sending', 'up committing', 'down receiving']));
  });

  it('tells of a store that is full how much room the state takes', async () => {
    const made = await madeState(join(home, 'made'), '1.2.3', 3_000_000);
    const s3 = await fakeS3();
    s3.fail(/^PUT /, { kind: 'answer', when: 'before', status: 507 });
    const { accessKeyId, secretAccessKey: secret } = S3_KEY;
    const store = { kind: 's3', endpoint: s3.url, bucket: s3.bucket, region: 'auto', accessKeyId } as const;
    const upload = { store, secret, job: 'up', folder: made.folder, keepStates: 5, isPublic: false };
    await expect(child.call('store.upload', upload, signal)).rejects.toMatchObject({
      ...{ code: 'STORE_FULL', params: { place: s3.bucket, neededMib: 3 } },
    });
    await s3.stop();
  });

  it('tells what a store can do', async () => {
    const said = await child.call('store.test', { job: 'test', store: place(), secret: null }, signal);
    expect(said).toMatchObject({ place: home, account: null });
    expect(said.sentBytesPerSecond).toBeGreaterThan(0);
  });

  it('ends a job by its name, also one that the pace keeps waiting', async () => {
    const made = await madeState(join(home, 'made'), '1.2.3');
    await child.call('store.pace', { bytesPerSecond: 0 }, signal);
    const began = new Promise((resolve) => child.on('progress', resolve));
    const upload = { store: place(), secret: null, job: 'up', folder: made.folder };
    const ending = child.call('store.upload', { ...upload, keepStates: 5, isPublic: false }, signal);
    const refused = expect(ending).rejects.toMatchObject({ code: 'CANCELLED' });
    await began;
    await child.call('abort', { job: 'up' }, signal);
    await refused;
    expect(await readdir(home)).not.toContain('1.2.3');
  });

  it('goes on with a held upload as soon as the pace allows', async () => {
    const made = await madeState(join(home, 'made'), '1.2.3');
    await child.call('store.pace', { bytesPerSecond: 0 }, signal);
    const began = new Promise((resolve) => child.on('progress', resolve));
    const upload = { store: place(), secret: null, job: 'up', folder: made.folder };
    const ending = child.call('store.upload', { ...upload, keepStates: 5, isPublic: false }, signal);
    await began;
    expect(await readdir(home)).not.toContain('1.2.3');
    await child.call('store.pace', { bytesPerSecond: null }, signal);
    expect(await ending).toMatchObject({ state: { tag: '1.2.3' } });
  });

  it('goes on with what a killed one had sent', async () => {
    const s3 = await fakeS3();
    try {
      const made = await madeState(join(home, 'made'), '1.2.3', 2 * PART_BYTES + 1_000);
      const { accessKeyId, secretAccessKey } = S3_KEY;
      const bucket = {
        kind: 's3',
        endpoint: s3.url,
        bucket: s3.bucket,
        region: 'auto',
        accessKeyId,
      } as const;
      const asked = {
        store: bucket,
        secret: secretAccessKey,
        folder: made.folder,
        keepStates: 5,
        isPublic: false,
      };
      s3.fail(/PUT .*partNumber=3/, { kind: 'hold', when: 'before' });
      const first = child.call('store.upload', { ...asked, job: 'first' }, signal);
      const lost = expect(first).rejects.toMatchObject({ code: 'CHILD_EXITED' });
      await soon(() => expect([...s3.uploads.values()][0]?.parts.size).toBe(2));
      const { state } = child;
      if (state.kind === 'ready') process.kill(state.pid, 'SIGKILL');
      await lost;
      await child.whenReady(signal);
      const put = await child.call('store.upload', { ...asked, job: 'second' }, signal);
      expect(put.foundBytes).toBe(2 * PART_BYTES + made.files['config.json']!.length);
      expect(
        s3.objects.get('epoch-2/model.safetensors')!.bytes.equals(made.files['model.safetensors']!),
      ).toBe(true);
    } finally {
      await s3.stop();
    }
  });

  it('refuses a name that leads out of its folder', async () => {
    const asked = { store: place(), secret: null, job: 'down', tag: '1.2.3', into: join(home, 'back') };
    await expect(
      child.call('store.download', { ...asked, names: ['../made/config.json'] }, signal),
    ).rejects.toMatchObject({ code: 'RPC_MALFORMED' });
  });
});
