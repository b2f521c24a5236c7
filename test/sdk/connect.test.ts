import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { connectButterfly } from '../../sdk/client/connect.ts';
import { PAGE_PROTOCOL } from '../../src-shared/contract/page/wire.ts';

let dataDir = '';
let server: Server;
const lines = new Set<Duplex>();
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'butterfly-sdk-'));
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const page = `<meta http-equiv="refresh" content="0; url=http://127.0.0.1:${port}/#t=${'a'.repeat(43)}">`;
  await writeFile(join(dataDir, 'open-butterfly.html'), page);
});
afterEach(async () => {
  for (const line of lines) line.destroy();
  lines.clear();
  server.close();
  await rm(dataDir, { recursive: true });
});

/** Keeps count of the lines that are open. */
const onUpgrade = (answer: (line: Duplex) => void) =>
  server.on('upgrade', (_request, line) => {
    lines.add(line);
    line.on('error', () => {});
    line.on('close', () => lines.delete(line));
    // It stays open on this side until the other ends.
    line.on('end', () => line.end()).resume();
    answer(line);
  });

describe('a client that is not let in', () => {
  it('says so and leaves no line open, whether the host closes its own or not', async () => {
    onUpgrade((line) => line.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 1000\r\n\r\n'));
    await expect(connectButterfly(dataDir)).rejects.toMatchObject({ code: 'PAGE_TOKEN_WRONG' });
    await expect.poll(() => lines.size).toBe(0);
  });

  it('leaves none open either where the host goes before it has told its view', async () => {
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => PAGE_PROTOCOL });
    server.on('upgrade', (request, line, head) => {
      lines.add(line);
      line.on('close', () => lines.delete(line));
      sockets.handleUpgrade(request, line, head, (socket) => socket.once('message', () => socket.close()));
    });
    await expect(connectButterfly(dataDir)).rejects.toThrow();
    await expect.poll(() => lines.size).toBe(0);
  });

  it('says that no host runs where none does', async () => {
    server.close();
    await expect(connectButterfly(dataDir)).rejects.toMatchObject({ code: 'HOST_NOT_RUNNING' });
  });
});
