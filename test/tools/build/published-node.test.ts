import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { publishedNode, sumIn } from '../../../tools/build/pack/published-node.ts';

const target = { platform: 'linux', arch: 'x64' } as const;
const ARCHIVE = 'node-v1.2.3-linux-x64';
const sum = (content: Buffer) => createHash('sha256').update(content).digest('hex');

let folder: string;
let server: Server;
let files: Record<string, Buffer>;
let publisher: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-node-'));
  await mkdir(join(folder, ARCHIVE, 'bin'), { recursive: true });
  await writeFile(join(folder, ARCHIVE, 'bin', 'node'), 'a runtime');
  await writeFile(join(folder, ARCHIVE, 'LICENSE'), 'its licence');
  execFileSync('tar', ['-czf', join(folder, 'a.tar.gz'), '-C', folder, ARCHIVE]);
  const archive = await readFile(join(folder, 'a.tar.gz'));
  files = {
    [`/v1.2.3/${ARCHIVE}.tar.gz`]: archive,
    '/v1.2.3/SHASUMS256.txt': Buffer.from(`${sum(archive)}  ${ARCHIVE}.tar.gz\n`),
  };
  server = createServer(({ url = '' }, answer) =>
    answer.writeHead(files[url] ? 200 : 404).end(files[url]),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  publisher = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});
const get = (version = '1.2.3') => publishedNode({ target, version, folder: join(folder, 'got'), publisher });

it('takes the runtime that has the published sum, and its licence along', async () => {
  const binary = await get();
  expect(await readFile(binary, 'utf8')).toBe('a runtime');
  expect(await readFile(join(binary, '..', '..', 'LICENSE'), 'utf8')).toBe('its licence');
});

it('takes no other', async () => {
  const name = `/v1.2.3/${ARCHIVE}.tar.gz`;
  files[name] = Buffer.concat([files[name] ?? Buffer.alloc(0), Buffer.from('x')]);
  await expect(get()).rejects.toThrow('another sum');
  files['/v1.2.3/SHASUMS256.txt'] = Buffer.from('');
  await expect(get()).rejects.toThrow('another sum');
  await expect(get('9.9.9')).rejects.toThrow('404');
});

it('reads a list of sums line by line', () => {
  const list = `${'a'.repeat(64)}  win-x64/node.exe\n${'b'.repeat(64)}  node.exe\nshort  x\n`;
  expect(sumIn(list, 'node.exe')).toBe('b'.repeat(64));
  expect(sumIn(list, 'x')).toBeNull();
});
