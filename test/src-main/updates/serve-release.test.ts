import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ServedRelease, serveRelease } from '../../../src-main/updates/serve-release.ts';
import { content, fileOf } from './release-rig.ts';

let folder = '';
let served: ServedRelease;
const file = fileOf(content);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-serve-'));
  await writeFile(join(folder, 'file'), content);
  served = await serveRelease(join(folder, 'file'), '2.0.0', file);
});
afterEach(async () => {
  await served.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The first line of the answer to a request whose address is sent as it stands. */
async function answerTo(address: string): Promise<string> {
  const socket = connect(Number(new URL(served.address).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  socket.write(`GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  return text.split('\r\n', 1)[0] ?? '';
}

it('hands the file to who knows its name, and to nobody else', async () => {
  const { pathname } = new URL(served.address);
  expect(await answerTo(`${pathname}/${encodeURIComponent(file.name)}`)).toBe('HTTP/1.1 200 OK');
  expect(await answerTo(`/guessed/${encodeURIComponent(file.name)}`)).toBe('HTTP/1.1 404 Not Found');
});

it.each(['/%', '//', '/%ff/x', '/latest.yml'])('goes on where %s is asked for', async (address) => {
  expect(await answerTo(address)).toBe('HTTP/1.1 404 Not Found');
  expect(await answerTo(`${new URL(served.address).pathname}/latest-linux.yml`)).toBe('HTTP/1.1 200 OK');
});
