import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { SharedPublish } from '../../src-main/publishing/shared-publish.ts';
import { MANIFEST, type Manifest, writeManifest } from '../../src-shared/published/manifest.ts';
import { hex, type Ss58 } from '../../src-shared/units.ts';
import { startBuiltPublish } from './built-publish.ts';

const CHUNK_BYTES = 1024 * 1024;

/** The real process that publishes, a folder to publish, and a process that takes whatever comes. */
export interface UploadRig {
  readonly home: string;
  readonly url: string;
  readonly publish: Pick<SharedPublish, 'client' | 'pid'>;
  /** Bytes of files that have come there. */
  received(): Promise<number>;
  /** A folder with so many files of so many bytes each. */
  folderOf(files: number, fileBytes: number): Promise<string>;
  upload(folder: string, signal: AbortSignal): Promise<void>;
  /** One file by one plain request, read in large portions: what this machine can at best. */
  putPlainly(path: string): Promise<void>;
}

export async function withUploadRig<T>(work: (rig: UploadRig) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'bench-upload-'));
  const sink = fork(fileURLToPath(new URL('./sink-hub.ts', import.meta.url)), { stdio: 'inherit' });
  const publish = startBuiltPublish(home);
  try {
    const url = `http://127.0.0.1:${await portOf(sink)}`;
    return await work({
      ...{ home, url, publish },
      received: async () => ((await (await fetch(`${url}/bytes`)).json()) as { bytes: number }).bytes,
      folderOf: (files, fileBytes) =>
        makeFolder(join(home, randomBytes(4).toString('hex')), files, fileBytes),
      upload: (folder, signal) => uploadTo(publish, url, folder, signal),
      putPlainly: (path) => putPlainly(`${url}/raw`, path),
    });
  } finally {
    await publish.stop();
    sink.disconnect();
    await rm(home, { recursive: true, force: true });
  }
}

/** Has the process that publishes bring a folder to a Hub without xet, as the host does. */
export async function uploadTo(
  publish: Pick<SharedPublish, 'client'>,
  url: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const client = await publish.client(signal);
  const place = {
    kind: 'hub',
    url,
    repository: 'me/bench',
    repositoryName: 'bench',
    xet: false,
  } as const;
  const job = `bench-${randomBytes(4).toString('hex')}`;
  const asked = { job, store: place, secret: 'hf_bench', folder };
  await client.call('store.upload', { ...asked, keepStates: 5, isPublic: false }, signal);
}

export async function portOf(sink: ChildProcess): Promise<number> {
  const [{ port }] = (await once(sink, 'message')) as [{ port: number }];
  return port;
}

/** A state that nobody made, of so many files of so many bytes. */
export async function makeFolder(folder: string, count: number, fileBytes: number): Promise<string> {
  await mkdir(folder);
  const files: Manifest['files'] = [];
  const portion = randomBytes(CHUNK_BYTES);
  for (let index = 0; index < count; index++) {
    const name = `model-${index}.safetensors`;
    const sum = createHash('sha256');
    const file = await open(join(folder, name), 'w');
    for (let at = 0; at < fileBytes; at += CHUNK_BYTES) {
      portion.writeDoubleLE(index * fileBytes + at + Math.random(), 0);
      const bytes = portion.subarray(0, Math.min(CHUNK_BYTES, fileBytes - at));
      sum.update(bytes);
      await file.write(bytes);
    }
    await file.close();
    files.push({ name, sizeBytes: fileBytes, sha256: hex(sum.digest('hex')) });
  }
  const manifest: Manifest = {
    ...({ format: 1, kind: 'update', tag: '1.1.1', round: 0, appVersion: 'bench' } as const),
    run: { name: 'bench', profileHash: hex('00'.repeat(32)) },
    baseDigest: hex('00'.repeat(32)),
    hotkey: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58,
    trainedOn: { text: 'nothing', licence: 'none', attribution: 'nobody' },
    files,
    signature: '00'.repeat(64),
  };
  await writeFile(join(folder, MANIFEST), writeManifest(manifest));
  return folder;
}

async function putPlainly(url: string, path: string): Promise<void> {
  const asked = request(url, { method: 'PUT' });
  const answered = once(asked, 'response');
  await pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), asked);
  const [response] = await answered;
  response.resume();
  await once(response, 'end');
}
