/**
 * States in a real S3 server, once by hand: put, broken off, gone on with, listed, brought back, given up.
 *   pip install 'moto[server]' && moto_server -H 127.0.0.1 -p 5151
 *   node tools/oracles/try_s3.ts http://127.0.0.1:5151 states KEY SECRET
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3mini } from 's3mini';
import { Pace } from '../../src-node/pace.ts';
import { pause } from '../../src-node/waits.ts';
import { PART_BYTES } from '../../src-worker/publish/limits.ts';
import { downloadState } from '../../src-worker/publish/stores/download.ts';
import { openLocalState } from '../../src-worker/publish/stores/local-state.ts';
import { retire } from '../../src-worker/publish/stores/retire.ts';
import { s3Store } from '../../src-worker/publish/stores/s3.ts';
import { madeState } from '../../test/src-worker/publish/stores/made-state.ts';

const [endpoint = '', bucket = 'states', accessKeyId = 'key', secretAccessKey = 'secret'] =
  process.argv.slice(2);
const { signal } = new AbortController();
const home = await mkdtemp(join(tmpdir(), 'try-s3-'));

/** @param onBytes told of each portion that goes out */
const store = (onBytes: (bytes: number) => void = () => undefined) =>
  s3Store({ kind: 's3', endpoint, bucket, region: 'eu-west-1', accessKeyId }, secretAccessKey, {
    pace: new Pace(),
    progress: { begin: () => undefined, add: onBytes },
    waiting: (reason, untilMs) => console.log('waits', reason, untilMs),
    pause,
  });

try {
  const config = { accessKeyId, secretAccessKey, endpoint: `${endpoint}/${bucket}`, region: 'eu-west-1' };
  await new S3mini(config).createBucket();
  console.log('verify', await store().verify(new Uint8Array(1_000_000).fill(7), signal));

  const made = await madeState(join(home, 'a'), '1.4.17', 6 * PART_BYTES + 12_345);
  const local = await openLocalState(made.folder);
  const ending = new AbortController();
  let went = 0;
  const broken = store((bytes) => {
    went += bytes;
    if (went > 5 * PART_BYTES) ending.abort();
  });
  await broken
    .put(local, { isPublic: false }, ending.signal)
    .catch(() => console.log('broke off after', went));
  const put = await store().put(local, { isPublic: false }, signal);
  console.log('gone on with', put);
  if (put.foundBytes < PART_BYTES) throw new Error('nothing was found of what had been sent');
  for (const tag of ['1.5.1', '1.6.1'])
    await store().put(
      await openLocalState((await madeState(join(home, tag), tag)).folder),
      { isPublic: false },
      signal,
    );
  console.log('list', await store().list(signal));
  const into = join(home, 'back');
  const { progress } = { progress: { begin: () => undefined, add: () => undefined } };
  await downloadState(store(), { tag: '1.4.17', names: null, into }, progress, signal);
  const back = await readFile(join(into, 'model.safetensors'));
  if (!back.equals(made.files['model.safetensors']!)) throw new Error('other bytes came back');
  await retire(store(), 2, signal);
  console.log(
    'kept',
    (await store().list(signal)).map(({ tag }) => tag),
  );
} finally {
  await rm(home, { recursive: true });
}
