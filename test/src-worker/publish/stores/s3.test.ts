import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIST_PAGES_MAX, PART_BYTES } from '../../../../src-worker/publish/limits.ts';
import { openLocalState } from '../../../../src-worker/publish/stores/local-state.ts';
import { s3Store } from '../../../../src-worker/publish/stores/s3.ts';
import { elementsOf, textOf } from '../../../../src-worker/publish/stores/s3-xml.ts';
import { type FakeS3, fakeS3, S3_KEY } from '../../../fakes/stores/fake-s3.ts';
import { fakeServer } from '../../../fakes/stores/fake-store.ts';
import { type MadeState, madeState } from './made-state.ts';
import { type RecordedGround, recordedGround } from './rig.ts';

const { signal } = new AbortController();
let home: string;
let s3: FakeS3;
let ground: RecordedGround;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 's3-'));
  ground = recordedGround();
  s3 = await fakeS3();
});
afterEach(async () => {
  await s3.stop();
  await rm(home, { recursive: true });
});

const store = ({ accessKeyId = S3_KEY.accessKeyId as string, bucket = s3.bucket } = {}) =>
  s3Store(
    { kind: 's3', endpoint: s3.url, bucket, region: 'auto', accessKeyId },
    S3_KEY.secretAccessKey,
    ground,
  );
const put = async ({ folder }: MadeState) =>
  store().put(await openLocalState(folder), { isPublic: false }, signal);
const threeParts = () => madeState(join(home, 'a'), '1.4.17', 2 * PART_BYTES + 1_000);
const partsSent = () => s3.asked.filter((line) => /^PUT .*partNumber/.test(line)).length;

describe('a state in a bucket', () => {
  it('lies under its outer step, the manifest last', async () => {
    await put(await madeState(join(home, 'a'), '1.4.17'));
    expect([...s3.objects.keys()]).toEqual([
      'epoch-4/config.json',
      'epoch-4/model.safetensors',
      'epoch-4/manifest.json',
    ]);
  });

  it('goes in parts where it is large, and comes together as it was', async () => {
    const made = await threeParts();
    await put(made);
    expect(partsSent()).toBe(3);
    expect(s3.objects.get('epoch-4/model.safetensors')!.bytes.equals(made.files['model.safetensors']!)).toBe(
      true,
    );
    expect(s3.uploads.size).toBe(0);
  });

  it('goes on with the parts that are there after it broke off', async () => {
    const made = await threeParts();
    for (let i = 0; i < 5; i++) s3.fail(/PUT .*partNumber=3/, { kind: 'cut', when: 'before' });
    await expect(put(made)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    const [upload] = s3.uploads.values();
    expect([...upload!.parts.keys()].sort()).toEqual([1, 2]);
    const before = s3.asked.length;
    const { foundBytes } = await put(made);
    expect(s3.asked.slice(before).filter((line) => /^PUT .*partNumber/.test(line)).length).toBe(1);
    expect(foundBytes).toBe(2 * PART_BYTES + made.files['config.json']!.length);
    expect(s3.objects.get('epoch-4/model.safetensors')!.bytes.equals(made.files['model.safetensors']!)).toBe(
      true,
    );
  });

  it.each([
    ['RequestTimeout', 'STORE_UNREACHABLE'],
    ['ExpiredToken', 'STORE_KEY_REFUSED'],
    ['<odd>', 'STORE_ANSWER_FOREIGN'],
  ])('says by its code %s what a bad request was: %s', async (code, means) => {
    const body = `<Error><Code>${code}</Code></Error>`;
    for (let i = 0; i < 5; i++)
      s3.fail(/PUT .*config/, { kind: 'answer', when: 'before', status: 400, body });
    await expect(put(await madeState(join(home, 'a'), '1.4.17'))).rejects.toMatchObject({ code: means });
    expect(ground.waits.length).toBe(means === 'STORE_UNREACHABLE' ? 4 : 0);
  });

  it('does not take parts of another file for its own', async () => {
    const other = await threeParts();
    for (let i = 0; i < 5; i++) s3.fail(/PUT .*partNumber=3/, { kind: 'cut', when: 'before' });
    await expect(put(other)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    const made = await madeState(join(home, 'b'), '1.4.17', 2 * PART_BYTES + 1_000);
    await put(made);
    expect(s3.objects.get('epoch-4/model.safetensors')!.bytes.equals(made.files['model.safetensors']!)).toBe(
      true,
    );
  });

  it('gives up what earlier states began and never ended', async () => {
    s3.uploads.set('old', { key: 'epoch-3/model.safetensors', sha256: undefined, parts: new Map() });
    s3.uploads.set('foreign', { key: 'epoch-notes', sha256: undefined, parts: new Map() });
    await put(await madeState(join(home, 'a'), '1.4.17'));
    expect([...s3.uploads.keys()]).toEqual(['foreign']);
  });

  it('waits for as long as it is asked to', async () => {
    s3.fail(/PUT .*config.json/, {
      ...{ kind: 'answer', when: 'before', status: 503 },
      headers: { 'retry-after': '7' },
    });
    await put(await madeState(join(home, 'a'), '1.4.17'));
    expect(ground.waits).toEqual([{ reason: 'asked', waitMs: 7_000 }]);
  });

  it('is there once where the answer to its last part was lost', async () => {
    s3.fail(/POST .*uploadId/, { kind: 'cut', when: 'after' });
    const made = await threeParts();
    await put(made);
    expect(partsSent()).toBe(3);
  });
});

describe('a run’s profile in a bucket', () => {
  const profile = { path: `run-profiles/${'ab'.repeat(32)}.json`, text: '{"consensus":"of a run"}\n' };
  const putProfile = () => store().putProfile(profile, signal);

  it('is found where the answer to its putting was lost', async () => {
    s3.fail(/^PUT /, { kind: 'cut', when: 'after' });
    expect(await putProfile()).toBe(false);
    expect([...s3.objects.keys()]).toEqual([profile.path]);
  });

  it('waits for as long as it is asked to', async () => {
    s3.fail(/^PUT /, {
      ...{ kind: 'answer', when: 'before', status: 503 },
      headers: { 'retry-after': '7' },
    });
    expect(await putProfile()).toBe(true);
    expect(ground.waits).toEqual([{ reason: 'asked', waitMs: 7_000 }]);
  });
});

describe('a bucket of a stranger', () => {
  it('leads nobody elsewhere: there may be a door that only the reader can reach', async () => {
    const elsewhere = await fakeServer(() => ({ status: 200, body: 'a door of the own network' }));
    try {
      const headers = { location: `${elsewhere.url}/states` };
      for (const status of [301, 302, 303, 307, 308]) {
        s3.fail(/^GET /, { ...{ kind: 'answer', when: 'before', status }, headers });
        await expect(store().list(signal)).rejects.toMatchObject({ code: 'STORE_ANSWER_FOREIGN' });
      }
      expect(elsewhere.asked).toEqual([]);
      expect(ground.waits).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  it('whose list has no end is left', async () => {
    const endless = await fakeServer(({ query }) => ({
      status: 200,
      headers: { 'content-type': 'application/xml' },
      body: `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>${query.get('continuation-token') ?? ''}a</NextContinuationToken></ListBucketResult>`.replace(
        /a{9,}/,
        'a',
      ),
    }));
    try {
      const place = {
        ...{ kind: 's3' as const, bucket: 'states', region: 'auto', accessKeyId: '' },
        endpoint: endless.url,
      };
      await expect(s3Store(place, null, ground).list(signal)).rejects.toMatchObject({
        code: 'STORE_ANSWER_FOREIGN',
      });
      expect(endless.asked).toHaveLength(LIST_PAGES_MAX);
    } finally {
      await endless.stop();
    }
  });
});

describe('a key for a bucket', () => {
  const sample = new Uint8Array(1_000_000);

  it('that the bucket does not know is refused', async () => {
    await expect(store({ accessKeyId: 'AKOTHER' }).verify(sample, signal)).rejects.toMatchObject({
      code: 'STORE_KEY_REFUSED',
    });
  });

  it('that may not write lacks that right', async () => {
    s3.fail(/PUT/, {
      ...{ kind: 'answer', when: 'before', status: 403 },
      body: '<Error><Code>AccessDenied</Code></Error>',
    });
    await expect(store().verify(sample, signal)).rejects.toMatchObject({ code: 'STORE_SCOPE_MISSING' });
  });

  it('is told of a bucket that is not there', async () => {
    await expect(store({ bucket: 'other' }).verify(sample, signal)).rejects.toMatchObject({
      code: 'STORE_PLACE_MISSING',
    });
  });

  it('leaves nothing behind when it is tried', async () => {
    await store().verify(sample, signal);
    expect(s3.objects.size).toBe(0);
  });
});

describe('what is read of a bucket’s answers', () => {
  it('is found in any order, with what stands for other characters', () => {
    const xml =
      '<R><Part><ETag>&quot;a&amp;b&quot;</ETag><Size>3</Size></Part><Part><Size>4</Size></Part></R>';
    expect(elementsOf(xml, 'Part').map((part) => textOf(part, 'Size'))).toEqual(['3', '4']);
    expect(textOf(xml, 'ETag')).toBe('"a&b"');
  });

  it('ends with the text, whatever is open', () => {
    expect(elementsOf('<Part><Part><Part>', 'Part')).toEqual([]);
    expect(textOf('</Size><Size>', 'Size')).toBeNull();
  });
});
