import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A process that answers as the Hub does and keeps nothing of what it gets, so that a measurement is one of who sends.
 * `GET /bytes` tells how many bytes of files have come; `PUT /raw` takes anything. It listens at the address that is named.
 */
const [address = '127.0.0.1'] = process.argv.slice(2);
const known = new Set<string>();
let bytes = 0;
let made = false;
const head = 'a'.repeat(40);

async function drain(request: IncomingMessage): Promise<void> {
  for await (const chunk of request) bytes += (chunk as Buffer).length;
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

interface Uploaded {
  readonly files?: readonly { readonly path: string; readonly size: number }[];
  readonly objects?: readonly { readonly oid: string; readonly size: number }[];
}

async function answer(request: IncomingMessage, url: string): Promise<{ status: number; value: unknown }> {
  const path = new URL(request.url ?? '/', url).pathname;
  const ok = (value: unknown) => ({ status: 200, value });
  if (path === '/bytes') return ok({ bytes });
  if (request.method === 'PUT') {
    await drain(request);
    known.add(path.split('/').at(-1)!);
    return ok({});
  }
  const body = await text(request);
  const asked = (): Uploaded => JSON.parse(body) as Uploaded;
  if (path === '/api/whoami-v2')
    return ok({ type: 'user', name: 'me', auth: { accessToken: { role: 'write' } } });
  if (path === '/api/repos/create') {
    const status = made ? 409 : 200;
    made = true;
    return { status, value: { url, id: 'me/bench' } };
  }
  if (path.endsWith('/refs')) return ok({ branches: [{ name: 'main', targetCommit: head }], tags: [] });
  if (path.includes('/preupload/'))
    return ok({
      files: asked().files?.map((file) => ({
        path: file.path,
        uploadMode: file.size > 1e6 ? 'lfs' : 'regular',
      })),
    });
  if (path.endsWith('/objects/batch'))
    return ok({
      transfer: 'basic',
      objects: asked().objects?.map(({ oid, size }) =>
        known.has(oid) ? { oid, size } : { oid, size, actions: { upload: { href: `${url}/lfs/${oid}` } } },
      ),
    });
  if (path.includes('/commit/')) return ok({ commitOid: 'b'.repeat(40), commitUrl: url, hookOutput: '' });
  if (path.includes('/resolve/')) return { status: 404, value: {} };
  return ok({ private: true });
}

const server = createServer(async (request, response) => {
  const { port } = server.address() as AddressInfo;
  try {
    const { status, value } = await answer(request, `http://${address}:${port}`);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  } catch {
    // Whoever sent has broken off.
    response.destroy();
  }
});
server.listen(0, address, () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
