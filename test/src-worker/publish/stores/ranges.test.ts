import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReadPlace } from '../../../../src-shared/contract/publish/stores.ts';
import { downloadState } from '../../../../src-worker/publish/stores/download.ts';
import { readExtent } from '../../../../src-worker/publish/stores/extents.ts';
import { openLocalState } from '../../../../src-worker/publish/stores/local-state.ts';
import { openStore, openToRead } from '../../../../src-worker/publish/stores/open-store.ts';
import { startModelHub } from '../../../fakes/hub/models.ts';
import { fakeS3, S3_KEY } from '../../../fakes/stores/fake-s3.ts';
import { type Fault, fakeServer, ranged } from '../../../fakes/stores/fake-store.ts';
import { type MadeState, madeState } from './made-state.ts';
import { recordedGround } from './rig.ts';

const { signal } = new AbortController();
const TAG = '1.4.17';
const FILE = 'model.safetensors';
const READ = /^GET .*model\.safetensors/;

interface Rig {
  readonly place: ReadPlace;
  readonly secret: string | null;
  readonly asked: readonly string[];
  fail(pattern: RegExp, fault: Fault): void;
  stop(): Promise<void>;
}

type Start = (made: MadeState) => Promise<Rig>;
const put = async (rig: Rig, { folder }: MadeState): Promise<Rig> => {
  const store = openStore(rig.place as never, rig.secret, recordedGround());
  await store.put(await openLocalState(folder), { isPublic: true }, signal);
  return rig;
};

const rigs: Readonly<Record<'hub' | 's3' | 'web', Start>> = {
  hub: async (made) => {
    const { url, asked, fail, stop, token } = await startModelHub();
    const place = { kind: 'hub', url, repository: null, repositoryName: 'sn38-x', xet: false } as const;
    return put({ place, asked, fail, stop, secret: token }, made);
  },
  s3: async (made) => {
    const { url, asked, fail, stop, bucket } = await fakeS3();
    const { accessKeyId, secretAccessKey } = S3_KEY;
    const place = { kind: 's3', endpoint: url, bucket, region: 'auto', accessKeyId } as const;
    return put({ place, asked, fail, stop, secret: secretAccessKey }, made);
  },
  web: async (made) => {
    const manifest = await readFile(join(made.folder, 'manifest.json'));
    const { url, asked, fail, stop } = await fakeServer(({ path, headers }) =>
      ranged(made.files[path.split('/').at(-1)!] ?? manifest, headers.range),
    );
    return { place: { kind: 'web', url: `${url}/` }, asked, fail, stop, secret: null };
  },
};

describe.each(Object.entries(rigs))('a stretch of a file in a store: %s', (kind, start) => {
  let home: string;
  let rig: Rig;
  let whole: Buffer;
  const ground = recordedGround();
  const into = () => join(home, 'scratch');
  const reader = () => openToRead(rig.place, rig.secret, ground);
  /** Of 100,000 bytes from 50,000 on, which lie in two places of the scratch file. */
  const read = (store = reader()) =>
    readExtent(
      { store, ground },
      {
        ...{ tag: TAG, name: FILE, begin: 50_000, into: into() },
        segments: [
          { bytes: 40_000, at: 60_000, turned: null },
          { bytes: 60_000, at: 0, turned: null },
        ],
      },
      signal,
    );
  const demandRight = async () => {
    const expected = Buffer.concat([whole.subarray(90_000, 150_000), whole.subarray(50_000, 90_000)]);
    expect((await readFile(into())).equals(expected)).toBe(true);
  };
  const answers = (status: number, body: Buffer, headers: Record<string, string> = {}) =>
    rig.fail(READ, { kind: 'answer', when: 'before', status, headers, body });
  const reads = () => rig.asked.filter((line) => READ.test(line)).length;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'ranges-'));
    const made = await madeState(join(home, 'made'), TAG);
    whole = Buffer.from(made.files[FILE]!);
    rig = await start(made);
  });
  afterEach(async () => {
    await rig.stop();
    await rm(home, { recursive: true });
  });

  it('comes by one request, and lies where it belongs', async () => {
    const before = reads();
    await read();
    await demandRight();
    expect(reads()).toBe(before + 1);
  });

  it('goes on where its connection was cut', async () => {
    rig.fail(READ, { kind: 'break', when: 'after', bytes: 30_000 });
    await read();
    await demandRight();
  });

  it('goes on behind an answer that was shorter than asked', async () => {
    answers(206, whole.subarray(50_000, 60_000));
    await read();
    await demandRight();
  });

  it('is given up where every answer is cut', async () => {
    for (let i = 0; i < 5; i++) rig.fail(READ, { kind: 'break', when: 'after', bytes: 1_000 });
    await expect(read()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  it('is given up where nothing comes', async () => {
    answers(206, Buffer.alloc(0));
    await expect(read()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  it('takes no more than it asked for', async () => {
    answers(206, whole.subarray(50_000));
    await read();
    await demandRight();
  });

  it('is not taken from an answer that gives the whole file', async () => {
    answers(200, whole);
    await expect(read()).rejects.toMatchObject({ code: 'STORE_ANSWER_FOREIGN' });
  });

  it('is not taken where the file ends before it', async () => {
    answers(416, Buffer.alloc(0));
    await expect(read()).rejects.toMatchObject({ code: 'STORE_ANSWER_FOREIGN' });
  });

  it.runIf(kind === 'hub')('is followed to a signed address, without the key', async () => {
    const keys: unknown[] = [];
    const storage = await fakeServer(({ headers }) => {
      keys.push(headers.authorization);
      return ranged(whole, headers.range);
    });
    try {
      answers(307, Buffer.alloc(0), { location: `${storage.url}/signed?of=it` });
      await read();
      await demandRight();
      expect(keys).toEqual([undefined]);
    } finally {
      await storage.stop();
    }
  });

  it.runIf(kind === 'hub')('is asked for anew where a signed address has run out', async () => {
    const storage = await fakeServer(() => ({ status: 403, body: 'Request has expired' }));
    try {
      answers(307, Buffer.alloc(0), { location: `${storage.url}/signed?of=it` });
      await read();
      await demandRight();
      expect(storage.asked).toHaveLength(1);
    } finally {
      await storage.stop();
    }
  });

  it.runIf(kind !== 'hub')('is followed nowhere else', async () => {
    const elsewhere = await fakeServer(({ headers }) => ranged(whole, headers.range));
    try {
      for (let i = 0; i < 5; i++) answers(307, Buffer.alloc(0), { location: `${elsewhere.url}/door` });
      await expect(read()).rejects.toThrow(/STORE_/);
      expect(elsewhere.asked).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  it('leaves what came of a whole file that is cut, and says that the store broke off', async () => {
    const bring = () =>
      downloadState(reader(), { tag: TAG, names: [FILE], into: home }, ground.progress, signal);
    rig.fail(READ, { kind: 'break', when: 'after', bytes: 30_000 });
    await expect(bring()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(await bring()).toMatchObject({ foundBytes: 30_000 });
  });
});
