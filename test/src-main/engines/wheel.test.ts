import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchWheel, type Wheel } from '../../../src-main/engines/wheel.ts';

const CONTENT = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
const WHEEL: Wheel = {
  project: 'a-project',
  version: '1.0.0',
  python: '3.11',
  platforms: ['manylinux2014_x86_64'],
  file: 'a_project-1.0.0-cp311-cp311-manylinux2014_x86_64.whl',
  bytes: CONTENT.length,
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let server: Server;
let base: string;
let file: Answer;
let hashInIndex: string;
let ranges: (string | undefined)[];
let afterFirst: (() => void) | null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wheel-'));
  ranges = [];
  afterFirst = null;
  hashInIndex = WHEEL.sha256;
  file = (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200).end(CONTENT.subarray(from));
  };
  server = createServer((request, response) => {
    if (request.url === '/simple/a-project/') {
      expect(request.headers.accept).toBe('application/vnd.pypi.simple.v1+json');
      const entry = { filename: WHEEL.file, url: `${base}/file`, hashes: { sha256: hashInIndex } };
      response.end(JSON.stringify({ files: [entry] }));
    } else {
      ranges.push(request.headers.range);
      file(request, response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const shares: (number | null)[] = [];
function fetched(options: { signal?: AbortSignal; pip?: string | null } = {}): Promise<string> {
  shares.length = 0;
  return fetchWheel(WHEEL, {
    folder,
    signal: options.signal ?? new AbortController().signal,
    log: () => undefined,
    told(share) {
      shares.push(share);
      afterFirst?.();
    },
    index: `${base}/simple/`,
    pip: options.pip ?? null,
  });
}

/** A part of it; then `then` once something of it has arrived. */
const begin =
  (then: (response: ServerResponse) => void): Answer =>
  (_request, response) => {
    afterFirst = () => then(response);
    response.writeHead(200, { 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, 40_000));
  };

describe('an archive from Python’s index', () => {
  it('comes whole, and is not fetched again', async () => {
    const path = await fetched();
    expect(await readFile(path)).toEqual(CONTENT);
    expect(shares.at(-1)).toBe(1);
    expect(await fetched()).toBe(path);
    expect(ranges).toHaveLength(1);
  });

  it('goes on where it broke off', async () => {
    const whole = file;
    file = begin((response) => response.destroy());
    await expect(fetched()).rejects.toMatchObject({ code: 'ENGINE_DOWNLOAD_FAILED' });
    const { size } = await stat(join(folder, `${WHEEL.file}.part`));
    expect(size).toBeGreaterThan(0);
    file = whole;
    expect(await readFile(await fetched())).toEqual(CONTENT);
    expect(ranges).toEqual([undefined, `bytes=${size}-`]);
  });

  it('begins anew at a server that does not go on', async () => {
    await writeFile(join(folder, `${WHEEL.file}.part`), CONTENT.subarray(0, 5_000));
    file = (_request, response) => response.end(CONTENT);
    expect(await readFile(await fetched())).toEqual(CONTENT);
    expect(ranges).toEqual(['bytes=5000-']);
  });

  it('is thrown away where it is another one of the same size', async () => {
    const whole = file;
    file = (_request, response) => response.end(Buffer.from(CONTENT).fill(7, 500, 501));
    await expect(fetched()).rejects.toMatchObject({ code: 'ENGINE_DOWNLOAD_DAMAGED' });
    file = whole;
    expect(await readFile(await fetched())).toEqual(CONTENT);
  });

  it('is fetched again where what lies there is damaged', async () => {
    await writeFile(join(folder, WHEEL.file), Buffer.from(CONTENT).fill(9, 3, 4));
    expect(await readFile(await fetched())).toEqual(CONTENT);
  });

  it('never grows beyond its size', async () => {
    file = (_request, response) => response.end(Buffer.concat([CONTENT, CONTENT]));
    await expect(fetched()).rejects.toMatchObject({ code: 'ENGINE_DOWNLOAD_FAILED' });
    expect((await stat(join(folder, `${WHEEL.file}.part`))).size).toBeLessThanOrEqual(CONTENT.length);
  });

  it('is not taken from an index that names another hash for it', async () => {
    hashInIndex = '0'.repeat(64);
    await expect(fetched()).rejects.toMatchObject({ code: 'ENGINE_DOWNLOAD_FAILED' });
    expect(ranges).toEqual([]);
  });

  it('is left alone when it is cancelled, with what has arrived', async () => {
    const stop = new AbortController();
    file = begin(() => stop.abort());
    await expect(fetched({ signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await stat(join(folder, `${WHEEL.file}.part`))).size).toBeGreaterThan(0);
  });

  it('is brought by pip where there is one, and its hash decides all the same', async () => {
    await mkdir(join(folder, 'bin'));
    const pip = join(folder, 'bin', 'pip');
    const bring = async (content: Uint8Array) => {
      await writeFile(join(folder, 'brought'), content);
      // The folder stands behind --dest.
      await writeFile(
        pip,
        `#!/bin/sh\nwhile [ "$1" != --dest ]; do shift; done\ncp '${folder}/brought' "$2/${WHEEL.file}"\n`,
      );
      await chmod(pip, 0o755);
    };
    await bring(Buffer.from(CONTENT).fill(1, 0, 1));
    expect(await readFile(await fetched({ pip }))).toEqual(CONTENT);
    expect(ranges).toHaveLength(1);
    await rm(join(folder, WHEEL.file));
    await bring(CONTENT);
    expect(await readFile(await fetched({ pip }))).toEqual(CONTENT);
    expect(ranges).toHaveLength(1);
  });
});
