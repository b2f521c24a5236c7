import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a store does instead of answering. `after`: once what was asked for has been done. */
export type Fault =
  /** Neither answers nor ends. */
  | { readonly kind: 'hold'; readonly when: 'before' | 'after' }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** Answers as it should, and is cut off behind so many bytes of the body. */
  | { readonly kind: 'break'; readonly when: 'after'; readonly bytes: number }
  | {
      readonly kind: 'answer';
      readonly when: 'before' | 'after';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
    };

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface FakeServer {
  readonly url: string;
  /** Requests in order, as `METHOD path`. */
  readonly asked: readonly string[];
  /** Bytes of bodies that came by PUT, whatever became of them. */
  readonly putBytes: number;
  /** The next request that matches meets this; each fault happens once. */
  fail(pattern: RegExp, fault: Fault): void;
  stop(): Promise<void>;
}

/** A server on this computer that answers as told, and fails where a test says so. */
export async function fakeServer(answer: (asked: Asked, url: string) => Answer): Promise<FakeServer> {
  const asked: string[] = [];
  const faults: { readonly pattern: RegExp; readonly fault: Fault }[] = [];
  let putBytes = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const method = request.method ?? 'GET';
    const path = decodeURIComponent(pathname);
    const line = `${method} ${path}${request.url?.includes('?') ? `?${searchParams}` : ''}`;
    asked.push(line);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    if (method === 'PUT') putBytes += body.length;
    const at = faults.findIndex(({ pattern }) => pattern.test(line));
    const fault = at >= 0 ? faults.splice(at, 1)[0]!.fault : null;
    if (fault?.when === 'before') return meet(fault, response);
    const said = answer({ method, path, query: searchParams, headers: request.headers, body }, url);
    if (fault?.kind === 'break') return breakOff(said, fault.bytes, response);
    if (fault) return meet(fault, response);
    response.writeHead(said.status, said.headers as Record<string, string>);
    response.end(method === 'HEAD' ? undefined : said.body);
  }

  function breakOff({ status, headers, body }: Answer, bytes: number, response: ServerResponse): void {
    const whole = Buffer.from(body ?? '');
    response.writeHead(status, { ...headers, 'content-length': whole.length });
    response.write(whole.subarray(0, bytes), () => response.destroy());
  }

  function meet(fault: Exclude<Fault, { kind: 'break' }>, response: ServerResponse): void {
    if (fault.kind === 'hold') return;
    if (fault.kind === 'cut') response.destroy();
    else response.writeHead(fault.status, { ...fault.headers }).end(fault.body ?? '');
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((thrown: unknown) => {
      if (!response.headersSent) response.writeHead(599);
      response.end(String(thrown));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    get putBytes() {
      return putBytes;
    },
    fail: (pattern, fault) => void faults.push({ pattern, fault }),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A part of a body as `Range` asks for it. */
export function ranged(body: Buffer, range: string | undefined): Answer {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === undefined) return { status: 200, body };
  const end = to ? Math.min(body.length, Number(to) + 1) : body.length;
  const headers = { 'content-range': `bytes ${from}-${end - 1}/${body.length}` };
  return { status: 206, headers, body: body.subarray(Number(from), end) };
}
