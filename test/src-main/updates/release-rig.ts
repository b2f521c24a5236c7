import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Release, type ReleaseFile, signedBytes } from '../../../src-main/updates/feed.ts';
import type { ReleaseSource } from '../../../src-main/updates/release-key.ts';
import { ed25519FromSeed } from '../../../src-node/ed25519.ts';

/** Keys of a maker, and of somebody else. */
export const maker = ed25519FromSeed(new Uint8Array(32).fill(7));
export const stranger = ed25519FromSeed(new Uint8Array(32).fill(8));

export const TARGET = 'linux-x64-appimage';
export const NOW_MS = Date.UTC(2026, 10, 30, 12);
export const content = Buffer.from('the new version, '.repeat(5_000));

export const fileOf = (bytes: Uint8Array, name = 'Butterfly 0.2.0.AppImage'): ReleaseFile => ({
  name,
  bytes: bytes.length,
  sha512: createHash('sha512').update(bytes).digest('hex'),
});

export const release = (changes: Partial<Release> = {}): Release => ({
  serial: 5,
  publishedAtMs: NOW_MS - 3_600_000,
  expiresAtMs: NOW_MS + 30 * 86_400_000,
  version: '0.2.0',
  least: '0.0.1',
  percent: 100,
  notes: 'Rounds are quicker.',
  files: { [TARGET]: fileOf(content) },
  ...changes,
});

export async function signed(what: unknown, key = maker): Promise<string> {
  const text = JSON.stringify(what);
  const signature = Buffer.from(await key.sign(signedBytes(text))).toString('hex');
  return JSON.stringify({ release: text, signature });
}

export interface ReleaseServer {
  readonly source: ReleaseSource;
  /** What is answered for the list. */
  feed: string;
  /** What is answered for any other name. */
  sendFile(response: ServerResponse): void;
  /** Paths that were asked for. */
  readonly asked: string[];
}

/** A real server of this computer, until the test is over. */
export async function releaseServer(): Promise<ReleaseServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/releases/feed.json') response.end(rig.feed);
    else rig.sendFile(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const rig = {
    source: { key: maker.publicKey, feed: `http://127.0.0.1:${port}/releases/feed.json` },
    feed: await signed(release()),
    sendFile: (response: ServerResponse) => void response.end(content),
    asked,
  };
  return rig;
}
