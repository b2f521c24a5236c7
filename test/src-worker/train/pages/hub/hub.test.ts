import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppError } from '../../../../../src-shared/errors/app-error.ts';
import { hubManifest } from '../../../../../src-shared/text-manifest.ts';
import { faultOfWay } from '../../../../../src-worker/train/pages/hub/addresses.ts';
import { verdictOn } from '../../../../../src-worker/train/pages/hub/answers.ts';
import { hubStore } from '../../../../../src-worker/train/pages/hub/hub-store.ts';
import { commitOf, listShards } from '../../../../../src-worker/train/pages/hub/listing.ts';
import { Origin, type OriginWait } from '../../../../../src-worker/train/pages/hub/origin.ts';
import { WRONG_ANSWERS_MOST } from '../../../../../src-worker/train/pages/limits.ts';
import {
  type DatasetHub,
  type DatasetHubOptions,
  type Fault,
  firstOf,
  startDatasetHub,
} from '../../../../fakes/hub/data-sets.ts';

const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => (i * 31) % 251);
/** Of one test, on a busy machine. */
let signal: AbortSignal;
beforeEach(() => {
  signal = AbortSignal.timeout(30_000);
});
const untold = { notice: () => {}, clearNotice: () => {} };

let hub: DatasetHub;
let waits: number[];
let told: (OriginWait | null)[];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-hub-'));
});

afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<DatasetHubOptions> = {}, beginsMs = 30_000) {
  hub = await startDatasetHub({
    files: { 'sample/000.parquet': bytes, 'sample/001.parquet': bytes.slice(9) },
    ...options,
  });
  waits = [];
  told = [];
  let nowMs = 0;
  const origin = new Origin({
    told: (wait) => told.push(wait),
    beginsMs,
    random: () => 0.5,
    nowMs: () => nowMs,
    pause: async (pauseMs) => {
      waits.push(pauseMs);
      nowMs += pauseMs;
    },
  });
  const dataset = { hubUrl: hub.hubUrl, id: hub.id };
  const store = (
    manifestHash: string = hubManifest({ id: hub.id, commit: hub.commit, shards: hub.shards() }),
  ) =>
    hubStore(
      origin,
      { ...dataset, commit: hub.commit, folder: 'sample', manifestHash },
      { keptIn: folder, told: untold },
    );
  const [shard] = hub.shards();
  return {
    origin,
    dataset,
    store,
    read: (from = 100, to = 2_100, until = signal) => store().read(shard!, from, to, until),
  };
}

describe('the list of shards', () => {
  const filesOf = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`sample/${i}.parquet`, new Uint8Array(i + 1)]),
    );

  it('comes in pages, in the order of names, with sizes of large storage', async () => {
    const { origin, dataset } = await start({ files: filesOf(25), pageEntries: 4 });
    const shards = await listShards(origin, dataset, { commit: hub.commit, folder: 'sample' }, signal);
    expect(shards).toEqual(hub.shards());
    expect(hub.of('api')).toHaveLength(7);
  });

  it('holds Parquet files of the folder alone', async () => {
    const { origin, dataset } = await start({
      files: { 'a/1.parquet': bytes, 'a/README.md': bytes, 'b/2.parquet': bytes },
    });
    const shards = await listShards(origin, dataset, { commit: hub.commit, folder: 'a' }, signal);
    expect(shards.map(({ path }) => path)).toEqual(['a/1.parquet']);
    await expect(
      listShards(origin, dataset, { commit: hub.commit, folder: 'c' }, signal),
    ).rejects.toMatchObject({
      code: 'TEXT_NOT_FOUND',
    });
  });

  it('is asked for once, kept, and taken from there by the next process', async () => {
    const { store } = await start();
    await store().shards(signal);
    const asked = hub.requests.length;
    expect(await store().shards(signal)).toEqual(hub.shards());
    expect(hub.requests).toHaveLength(asked);
  });

  it('that is damaged on the disk is asked for again', async () => {
    const { store } = await start();
    await store().shards(signal);
    const path = join(folder, 'shards.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('10000', '10001'));
    expect(await store().shards(signal)).toEqual(hub.shards());
    expect(hub.of('api')).toHaveLength(2);
  });

  it('of another state than the run’s is refused', async () => {
    const { store } = await start();
    await expect(store('00'.repeat(32)).shards(signal)).rejects.toMatchObject({
      code: 'TEXT_MANIFEST_DIFFERS',
    });
  });

  it.each<[string, Fault]>([
    ['no JSON', { kind: 'body', text: '<html>' }],
    ['JSON of something else', { kind: 'body', text: '{"error":"no"}' }],
    ['a path that leads out', { kind: 'body', text: '[{"type":"file","path":"../x.parquet","size":1}]' }],
    ['a path with a line break', { kind: 'body', text: '[{"type":"file","path":"a\\nb.parquet","size":1}]' }],
    ['an impossible size', { kind: 'body', text: '[{"type":"file","path":"a.parquet","size":-1}]' }],
    ['more than a list has', { kind: 'body', text: ' '.repeat(5 * 2 ** 20) }],
    [
      'a next page elsewhere',
      { kind: 'body', text: '[]', headers: { link: '<https://elsewhere.example/>; rel="next"' } },
    ],
  ])('that is %s is refused', async (_what, fault) => {
    const { origin, dataset } = await start({ fault: () => fault });
    const listing = listShards(origin, dataset, { commit: hub.commit, folder: '' }, signal);
    await expect(listing).rejects.toMatchObject({ code: 'TEXT_ANSWER_WRONG' });
  });

  it('goes no further than its pages may be many', async () => {
    const { origin, dataset } = await start();
    let page = 0;
    hub.setFault(() => {
      page += 1;
      const headers = { link: `<${hub.hubUrl}/api/?page=${page}>; rel="next"` };
      return { kind: 'body', text: '[{"type":"file","path":"a.parquet","size":1}]', headers };
    });
    const listing = listShards(origin, dataset, { commit: hub.commit, folder: '' }, signal);
    await expect(listing).rejects.toMatchObject({ code: 'TEXT_TOO_LARGE' });
  });

  it('of a branch begins with its commit', async () => {
    const { origin, dataset } = await start();
    expect(await commitOf(origin, dataset, 'refs/convert/parquet', signal)).toBe(hub.commit);
    hub.setFault(() => ({ kind: 'body', text: '{"sha":"main"}' }));
    await expect(commitOf(origin, dataset, 'main', signal)).rejects.toMatchObject({
      code: 'TEXT_ANSWER_WRONG',
    });
  });
});

describe('a range of a shard', () => {
  it('is the bytes asked for, by one request once the way is known', async () => {
    const { store } = await start();
    const files = store();
    const [shard] = hub.shards();
    expect(await files.read(shard!, 100, 2_100, signal)).toEqual(Buffer.from(bytes.subarray(100, 2_100)));
    expect(await files.read(shard!, 9_999, 10_000, signal)).toEqual(Buffer.from(bytes.subarray(9_999)));
    expect(hub.of('resolve')).toHaveLength(1);
    expect(hub.of('storage')).toHaveLength(2);
  });

  it('is found again where its signed address has ended', async () => {
    const { store } = await start();
    const files = store();
    const [shard] = hub.shards();
    await files.read(shard!, 0, 10, signal);
    hub.expire();
    expect(await files.read(shard!, 5, 10, signal)).toEqual(Buffer.from(bytes.subarray(5, 10)));
    expect(hub.of('resolve')).toHaveLength(2);
    expect(waits).toEqual([]);
  });

  it('is followed to where its data set was renamed to, and not for ever', async () => {
    const headers = { location: './000.parquet' };
    const renamed = { kind: 'status', status: 307, headers } as const;
    const { read } = await start({ fault: firstOf('resolve', 2, renamed) });
    expect(await read()).toHaveLength(2_000);
    expect(hub.of('resolve')).toHaveLength(3);
    hub.setFault(({ part }) => (part === 'resolve' ? renamed : null));
    await expect(read()).rejects.toMatchObject({ code: 'TEXT_ANSWER_WRONG' });
  });

  it('is followed from one storage to another', async () => {
    const { read } = await start({
      fault: firstOf('storage', 1, { kind: 'status', status: 307, headers: { location: '?signature=1' } }),
    });
    expect(await read()).toHaveLength(2_000);
    expect(hub.of('storage').map(({ range }) => range)).toEqual(Array(2).fill('bytes=100-2099'));
    expect(hub.of('resolve')).toHaveLength(1);
  });

  it('has its way found anew after whatever went wrong on the old one', async () => {
    const { store } = await start({
      fault: ({ part }) => (part === 'storage' ? { kind: 'status', status: 400 } : null),
    });
    const files = store();
    const [shard] = hub.shards();
    await expect(files.read(shard!, 0, 10, signal)).rejects.toMatchObject({ code: 'TEXT_ANSWER_WRONG' });
    hub.setFault(() => null);
    expect(await files.read(shard!, 0, 10, signal)).toHaveLength(10);
    expect(hub.of('resolve')).toHaveLength(2);
  });

  it('of which nothing comes is asked for again before the whole of it would have had to come', async () => {
    const { read } = await start({ fault: firstOf('storage', 1, { kind: 'silent' }) }, 200);
    expect(await read()).toHaveLength(2_000);
    expect(hub.of('storage')).toHaveLength(2);
    expect(waits).toEqual([500]);
  });

  it('that is wrong is told with no more of the server’s words than a sentence takes', async () => {
    const { store } = await start();
    const files = store();
    const [shard] = hub.shards();
    await files.read(shard!, 0, 10, signal);
    hub.setFault(({ part }) => (part === 'storage' ? { kind: 'tag', etag: `"${'x'.repeat(9_000)}"` } : null));
    const thrown = await files.read(shard!, 0, 10, signal).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'TEXT_ANSWER_WRONG' });
    expect(String((thrown as AppError).params.reason).length).toBeLessThan(300);
  });

  it('that is refused however often its address is signed is told', async () => {
    const { read } = await start({
      fault: ({ part }) => (part === 'storage' ? { kind: 'status', status: 403 } : null),
    });
    await expect(read()).rejects.toMatchObject({ code: 'TEXT_REFUSED', params: { status: 403 } });
    expect(hub.of('resolve')).toHaveLength(3);
  });

  it.each<[string, Fault]>([
    ['the whole file', { kind: 'whole' }],
    ['one byte less, told', { kind: 'short', by: 1, isTold: true }],
    ['one byte less, untold', { kind: 'short', by: 1, isTold: false }],
    ['of a file of another size', { kind: 'size', bytes: 10_001 }],
    ['"range not satisfiable"', { kind: 'status', status: 416 }],
    ['a bad request', { kind: 'status', status: 400 }],
    ['no content', { kind: 'status', status: 204 }],
    ['at no address', { kind: 'status', status: 302, headers: { location: 'https://[' } }],
    ['at a local file', { kind: 'status', status: 302, headers: { location: 'file:///etc/passwd' } }],
  ])('is never %s: an error, after a few tries', async (_what, fault) => {
    const { read } = await start({ fault: ({ part }) => (part === 'storage' ? fault : null) });
    await expect(read()).rejects.toMatchObject({ code: 'TEXT_ANSWER_WRONG' });
    expect(hub.of('storage')).toHaveLength(WRONG_ANSWERS_MOST);
  });

  it('that is the whole file says so', async () => {
    const { read } = await start({ fault: ({ part }) => (part === 'storage' ? { kind: 'whole' } : null) });
    await expect(read()).rejects.toMatchObject({
      params: { reason: expect.stringContaining('status is 200') },
    });
  });

  it('of a file whose tag changed since it was first seen is an error', async () => {
    const { store } = await start();
    const files = store();
    const [shard] = hub.shards();
    await files.read(shard!, 0, 10, signal);
    hub.setFault(({ part }) => (part === 'storage' ? { kind: 'tag', etag: '"another"' } : null));
    await expect(files.read(shard!, 0, 10, signal)).rejects.toMatchObject({ code: 'TEXT_ANSWER_WRONG' });
    hub.setFault(({ part }) => (part === 'resolve' ? { kind: 'tag', etag: '"another"' } : null));
    hub.expire();
    await expect(files.read(shard!, 0, 10, signal)).rejects.toMatchObject({ code: 'TEXT_ANSWER_WRONG' });
  });

  it('of a file that the Hub says is of another size is an error', async () => {
    const { read } = await start({
      fault: ({ part }) => (part === 'resolve' ? { kind: 'size', bytes: 9 } : null),
    });
    await expect(read()).rejects.toMatchObject({ code: 'TEXT_ANSWER_WRONG' });
    expect(hub.of('storage')).toEqual([]);
  });

  it('that was cut once is asked for again', async () => {
    const { read } = await start({ fault: firstOf('storage', 1, { kind: 'cut', after: 1_000 }) });
    expect(await read()).toEqual(Buffer.from(bytes.subarray(100, 2_100)));
    expect(waits).toEqual([500]);
  });

  it.each([401, 404, 410])('is given up at once for status %d', async (status) => {
    const { read } = await start({ fault: () => ({ kind: 'status', status }) });
    await expect(read()).rejects.toMatchObject({ code: status === 401 ? 'TEXT_REFUSED' : 'TEXT_NOT_FOUND' });
    expect(waits).toEqual([]);
  });

  it('waits exactly as long as the origin says, and tells until when', async () => {
    const headers = { ratelimit: '"resolvers";r=0;t=271, "api";r=12;t=300' };
    const beforeMs = Date.now();
    const { read } = await start({ fault: firstOf('resolve', 1, { kind: 'status', status: 429, headers }) });
    expect(await read()).toHaveLength(2_000);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThan(271_000);
    expect(waits[0]).toBeLessThanOrEqual(271_000 + 2_500);
    expect(told[0]).toMatchObject({ reason: 'rate-limit', host: new URL(hub.hubUrl).host });
    expect(told[0]!.untilMs).toBeGreaterThanOrEqual(beforeMs + 271_000);
    expect(told.at(-1)).toBeNull();
  });

  it('backs off by doubling, up to a ceiling, while the origin is down', async () => {
    const { read } = await start({ fault: firstOf('storage', 9, { kind: 'status', status: 502 }) });
    expect(await read()).toHaveLength(2_000);
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(told.filter((wait) => wait?.reason === 'unreachable')).toHaveLength(9);
  });

  it('ends with its signal, in a wait and in an answer that does not come', async () => {
    const { store } = await start({ fault: ({ part }) => (part === 'storage' ? { kind: 'silent' } : null) });
    const stop = new AbortController();
    const [shard] = hub.shards();
    const reading = store().read(shard!, 0, 10, stop.signal);
    await expect.poll(() => hub.of('storage')).toHaveLength(1);
    stop.abort(new Error('over'));
    await expect(reading).rejects.toThrow('over');
  });

  it('is one of two requests at most', async () => {
    const { store } = await start({ fault: ({ part }) => (part === 'storage' ? { kind: 'silent' } : null) });
    const stop = new AbortController();
    const files = store();
    const [shard] = hub.shards();
    const reading = [0, 1, 2, 3, 4].map((at) => files.read(shard!, at, 9, stop.signal).catch(() => null));
    await expect.poll(() => hub.of('storage').length).toBe(2);
    await expect(
      listShards(
        new Origin({ told: () => {} }),
        { hubUrl: hub.hubUrl, id: hub.id },
        { commit: hub.commit, folder: '' },
        signal,
      ),
    ).resolves.toHaveLength(2);
    expect(hub.of('storage')).toHaveLength(2);
    stop.abort();
    await Promise.all(reading);
  });
});

describe('the way to a file', () => {
  const fault = (hubUrl: string, next: string) => faultOfWay({ hubUrl }, new URL(next));

  it.each<[string, RegExp]>([
    ['http://storage.example/a', /without encryption/],
    ['ftp://storage.example/a', /without encryption/],
    ['data:text/plain,abc', /without encryption/],
    ['https://me:secret@storage.example/a', /password/],
    ...[
      '127.0.0.1',
      'localhost',
      '10.0.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '[::1]',
      '0x7f000001',
      'nas',
    ].map((host): [string, RegExp] => [`https://${host}/a`, /network of this computer/]),
  ])('from the Hub never leads to %s', (next, why) => {
    expect(fault('https://huggingface.co', next)).toMatch(why);
  });

  it('leads to storage elsewhere, and from a Hub in the own network to storage there', () => {
    expect(fault('https://huggingface.co', 'https://cdn.example/a?Signature=1')).toBeNull();
    expect(fault('http://192.168.1.2:8080', 'http://192.168.1.3/a')).toBeNull();
    expect(fault('https://hub.lan', 'https://10.0.0.7/a')).toBeNull();
    expect(fault('https://hub.lan', 'http://10.0.0.7/a')).toMatch(/without encryption/);
  });
});

describe('an origin that wants to be left alone', () => {
  const verdict = (status: number, headers: Record<string, string>) =>
    verdictOn(new Response(null, { status, headers }), { host: 'hub', what: 'words' });

  it('is, for as long as it says and an hour at most', () => {
    expect(verdict(429, { ratelimit: '"api";r=0;t=120' })).toEqual({ kind: 'rate-limited', waitMs: 120_000 });
    expect(verdict(503, { 'retry-after': '99999' })).toEqual({ kind: 'rate-limited', waitMs: 3_600_000 });
  });

  it('is one with a fault where it does not say for how long', () => {
    expect(verdict(503, {})).toEqual({ kind: 'faulty' });
  });
});
