import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { ReleaseFile } from './feed.ts';

export interface ServedRelease {
  /** Base address, behind a name that nobody can guess. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Names under which installers ask what there is, by their system. */
const LISTS = /^latest(?:-linux(?:-arm64)?|-mac)?\.yml$/;

/**
 * Hands a verified file to the app's own installer over a port of this computer, in the form that it asks for: so it
 * speaks to no network, and checks the signed digest once more.
 */
export async function serveRelease(path: string, version: string, file: ReleaseFile): Promise<ServedRelease> {
  const secret = randomBytes(24).toString('hex');
  const server = createServer((request, response) => {
    const [, first, name = '', ...more] = partsOf(request.url ?? '');
    const isAsked = request.method === 'GET' && first === secret && more.length === 0;
    if (isAsked && LISTS.test(name)) response.end(listOf(version, file));
    else if (isAsked && name === file.name) void sendFile(path, file, response);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/${secret}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Every program of this computer can ask here, and every page in its browser: what is no address is an unknown one. */
function partsOf(url: string): readonly string[] {
  try {
    return new URL(url, 'http://127.0.0.1').pathname.split('/').map(decodeURIComponent);
  } catch {
    return [];
  }
}

/** JSON is YAML. */
function listOf(version: string, { name, bytes, sha512 }: ReleaseFile): string {
  const digest = Buffer.from(sha512, 'hex').toString('base64');
  const files = [{ url: encodeURIComponent(name), sha512: digest, size: bytes }];
  return JSON.stringify({
    version,
    files,
    path: name,
    sha512: digest,
    releaseDate: new Date(0).toISOString(),
  });
}

async function sendFile(path: string, { bytes }: ReleaseFile, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes });
  // Whoever asked may have gone; what is cut short does not have the digest.
  await pipeline(createReadStream(path), response).catch(() => response.destroy());
}
