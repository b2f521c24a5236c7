import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Shard } from '../../../src-shared/text-manifest.ts';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** What happens to a request before the fake answers it as the Hub does. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The whole file where a part was asked for. */
  | { readonly kind: 'whole' }
  /** So many bytes fewer than were asked for, told truly or not. */
  | { readonly kind: 'short'; readonly by: number; readonly isTold: boolean }
  /** The connection breaks after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  | { readonly kind: 'tag'; readonly etag: string }
  | { readonly kind: 'size'; readonly bytes: number }
  /** Another body than the file's. */
  | { readonly kind: 'body'; readonly text: string; readonly headers?: Readonly<Record<string, string>> }
  /** No answer until the client goes. */
  | { readonly kind: 'silent' };

export interface SeenRequest {
  readonly part: 'api' | 'resolve' | 'storage';
  readonly method: string;
  readonly path: string;
  readonly range: string | null;
  readonly atMs: number;
}

export interface DatasetHubOptions {
  readonly id?: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Entries of one page of a listing. */
  readonly pageEntries?: number;
  /** Before every answer. */
  readonly delayMs?: number;
  /** Of each answer of the storage. */
  readonly bytesPerS?: number;
  /** Decides about each request; null: answered as it should be. */
  fault?(request: SeenRequest): Fault | null;
}

export type DatasetHub = Awaited<ReturnType<typeof startDatasetHub>>;

/**
 * The Hub's ways with a data set on loopback: a paginated listing, a resolver that leads to signed addresses of another
 * server, and that server, which knows ranges. Signed addresses end when a test says so.
 */
export async function startDatasetHub(options: DatasetHubOptions) {
  const id = options.id ?? 'owner/words';
  const files = new Map(Object.entries(options.files));
  const requests: SeenRequest[] = [];
  let bytesSent = 0;
  let signature = 1;
  let fault = options.fault ?? (() => null);
  const silent = new Set<ServerResponse>();

  const storage = createServer((request, response) => void atStorage(request, response));
  const hub = createServer((request, response) => void atHub(request, response));
  const urlOf = async (server: typeof hub) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const [storageUrl, hubUrl] = [await urlOf(storage), await urlOf(hub)];
  const tagOf = (bytes: Uint8Array) => `"${createHash('sha256').update(bytes).digest('hex')}"`;
  const tags = new Map([...files].map(([path, bytes]) => [path, tagOf(bytes)]));

  async function faultOf(request: IncomingMessage, response: ServerResponse, part: SeenRequest['part']) {
    if (options.delayMs) await new Promise((resolve) => setTimeout(resolve, options.delayMs));
    const seen: SeenRequest = {
      part,
      method: request.method ?? '',
      path: new URL(request.url ?? '/', hubUrl).pathname,
      range: request.headers.range ?? null,
      atMs: performance.now(),
    };
    requests.push(seen);
    const found = fault(seen);
    if (found?.kind === 'status') response.writeHead(found.status, found.headers).end();
    if (found?.kind === 'body') response.writeHead(200, found.headers).end(found.text);
    if (found?.kind === 'silent') silent.add(response);
    return found;
  }
  const isOver = (found: Fault | null) => ['status', 'body', 'silent'].includes(found?.kind ?? '');

  async function atHub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', hubUrl);
    const part = url.pathname.startsWith('/api/') ? 'api' : 'resolve';
    const found = await faultOf(request, response, part);
    if (isOver(found)) return;
    if (part === 'api') return list(url, response);
    const prefix = `/datasets/${id}/resolve/${COMMIT}/`;
    const path = decodeURIComponent(url.pathname.slice(prefix.length));
    const bytes = files.get(path);
    if (!url.pathname.startsWith(prefix) || !bytes) return void response.writeHead(404).end();
    response
      .writeHead(302, {
        location: `${storageUrl}/${encodeURIComponent(path)}?signature=${signature}`,
        'x-repo-commit': COMMIT,
        'x-linked-size': String(found?.kind === 'size' ? found.bytes : bytes.length),
        'x-linked-etag': found?.kind === 'tag' ? found.etag : tags.get(path)!,
      })
      .end();
  }

  function list(url: URL, response: ServerResponse): void {
    if (url.pathname.startsWith(`/api/datasets/${id}/revision/`))
      return void response.writeHead(200).end(JSON.stringify({ id, sha: COMMIT }));
    const prefix = `/api/datasets/${id}/tree/${COMMIT}/`;
    if (!url.pathname.startsWith(prefix)) return void response.writeHead(404).end();
    const folder = decodeURIComponent(url.pathname.slice(prefix.length));
    const entries = [...files]
      .filter(([path]) => folder === '' || path.startsWith(`${folder}/`))
      .map(([path, { length }]) => ({
        ...{ type: 'file', oid: 'a'.repeat(40), size: 134, path },
        lfs: { oid: tags.get(path), size: length, pointerSize: 134 },
      }));
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const to = from + (options.pageEntries ?? 1_000);
    url.searchParams.set('cursor', String(to));
    const link = to < entries.length ? { link: `<${url.href}>; rel="next"` } : {};
    const page = [
      { type: 'directory', oid: 'b'.repeat(40), size: 0, path: 'folder' },
      ...entries.slice(from, to),
    ];
    response.writeHead(200, { 'content-type': 'application/json', ...link }).end(JSON.stringify(page));
  }

  async function atStorage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = await faultOf(request, response, 'storage');
    if (isOver(found)) return;
    const url = new URL(request.url ?? '/', storageUrl);
    const path = decodeURIComponent(url.pathname.slice(1));
    const bytes = files.get(path);
    if (!bytes) return void response.writeHead(404).end();
    if (Number(url.searchParams.get('signature')) < signature) return void response.writeHead(403).end();
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const etag = found?.kind === 'tag' ? found.etag : tags.get(path)!;
    if (!range || found?.kind === 'whole') {
      bytesSent += bytes.length;
      return void response.writeHead(200, { etag, 'content-length': bytes.length }).end(bytes);
    }
    const [start, end] = [Number(range[1]), Math.min(Number(range[2]) + 1, bytes.length)];
    if (start >= bytes.length) return void response.writeHead(416).end();
    const shorter = found?.kind === 'short' ? found.by : 0;
    const body = bytes.subarray(start, end - shorter);
    const total = found?.kind === 'size' ? found.bytes : bytes.length;
    const toldEnd = found?.kind === 'short' && found.isTold ? end - shorter : end;
    response.writeHead(206, {
      etag,
      'content-range': `bytes ${start}-${toldEnd - 1}/${total}`,
      'content-length': found?.kind === 'cut' ? body.length : body.length,
    });
    if (found?.kind === 'cut') {
      response.write(body.subarray(0, found.after), () => response.destroy());
      return;
    }
    bytesSent += body.length;
    await send(response, body);
  }

  async function send(response: ServerResponse, body: Uint8Array): Promise<void> {
    if (!options.bytesPerS) return void response.end(body);
    const sliceBytes = Math.ceil(options.bytesPerS / 50);
    for (let at = 0; at < body.length; at += sliceBytes) {
      if (response.destroyed) return;
      response.write(body.subarray(at, at + sliceBytes));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    response.end();
  }

  return {
    id,
    hubUrl,
    commit: COMMIT,
    requests,
    get bytesSent() {
      return bytesSent;
    },
    shards: (): Shard[] =>
      [...files]
        .map(([path, { length }]) => ({ path, sizeBytes: length }))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    /** All addresses that were signed so far are refused from now on. */
    expire(): void {
      signature += 1;
    },
    setFault(next: NonNullable<DatasetHubOptions['fault']>): void {
      fault = next;
    },
    of: (part: SeenRequest['part']) => requests.filter((seen) => seen.part === part),
    async close(): Promise<void> {
      for (const response of silent) response.destroy();
      for (const server of [hub, storage]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

/** The first so many requests to a part meet the fault. */
export function firstOf(
  part: SeenRequest['part'],
  times: number,
  fault: Fault,
): (seen: SeenRequest) => Fault | null {
  let left = times;
  return (seen) => {
    if (seen.part !== part || left === 0) return null;
    left -= 1;
    return fault;
  };
}
