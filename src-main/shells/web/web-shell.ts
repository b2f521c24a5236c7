import { createReadStream } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  ALIVE_PATH,
  credentialOf,
  PAGE_PROTOCOL,
  WEB_SOCKET_PATH,
} from '../../../src-shared/contract/page/wire.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../../src-shared/errors/catalogue.ts';
import { HEADERS_MS, HTTP_CONNECTIONS } from '../limits.ts';
import type { PageDoor } from '../page-rpc.ts';
import { securityHeaders } from '../security-headers.ts';
import { contentType, fileBelow, staticPath } from '../static-path.ts';
import { loopbackOrigin, type Origin, refuseRequest, refuseSocket } from './doors.ts';
import { pageSockets } from './page-sockets.ts';
import { redirectFile } from './redirect-file.ts';
import { newSessions } from './sessions.ts';

export interface WebShellOptions extends PageDoor {
  /** 0 takes any free port. */
  readonly port: number;
  /** Folder of the built page. */
  readonly pageDir: string;
  readonly dataDir: string;
}

export interface WebShell {
  readonly port: number;
  /** "http://127.0.0.1:<port>/", without secret. */
  readonly address: string;
  /** The address with a token that still opens a session. For a terminal, never for a log. */
  readonly url: string;
  /** A file of mode 0600 that leads to `url`: what the browser is opened with. */
  readonly redirectFile: string;
  stop(): Promise<void>;
}

/**
 * The page over loopback: one origin of static files and one WebSocket. No HTTP request changes anything.
 * @throws {AppError} PORT_IN_USE, OPTION_INVALID (a port that this user may not take), DATA_DIR_UNWRITABLE
 */
export async function startWebShell(options: WebShellOptions): Promise<WebShell> {
  const http = createServer({ headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS });
  http.maxConnections = HTTP_CONNECTIONS;
  await listen(http, options.port);
  const { port } = http.address() as AddressInfo;
  const own = loopbackOrigin(port);
  const redirect = redirectFile(options.dataDir);
  const sockets = pageSockets(options);
  const urlWith = (token: string) => `${own.origin}/#t=${token}`;
  const sessions = newSessions((token) => {
    redirect.write(urlWith(token)).catch((problem: unknown) => options.onProblem(problem));
  });

  http.on('request', (request, response) => {
    answer(request, response, own, options.pageDir).catch((problem: unknown) => {
      options.onProblem(problem);
      response.destroy();
    });
  });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    const refused = refuseSocket(request.headers, own);
    if (refused) return refuse(socket, refused, 'PAGE_ORIGIN_FOREIGN');
    if (request.url !== WEB_SOCKET_PATH) return refuse(socket, 404, 'RPC_MALFORMED');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
    const key = offered.includes(PAGE_PROTOCOL) ? sessions.admit(credentialOf(offered)) : null;
    if (!key) return refuse(socket, 401, 'PAGE_TOKEN_WRONG');
    sockets.server.handleUpgrade(request, socket, head, (ready) => sockets.welcome(ready, key));
  });

  async function stop(): Promise<void> {
    const closed = new Promise((resolve) => http.close(resolve));
    await sockets.stop();
    http.closeAllConnections();
    await closed;
    await redirect.remove();
  }

  try {
    await redirect.write(urlWith(sessions.token));
  } catch (cause) {
    await stop().catch(() => {});
    throw new AppError('DATA_DIR_UNWRITABLE', { path: options.dataDir }, cause);
  }
  return {
    port,
    address: `${own.origin}/`,
    get url() {
      return urlWith(sessions.token);
    },
    redirectFile: redirect.path,
    stop,
  };
}

function listen(http: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new AppError('PORT_IN_USE', { port }, error)
          : new AppError(
              'OPTION_INVALID',
              { option: '--port', value: port, expected: 'a port that this user may take' },
              error,
            ),
      );
    });
    http.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  own: Origin,
  pageDir: string,
): Promise<void> {
  // Some browsers do not count a WebSocket of the same host as 'self'.
  for (const [name, value] of Object.entries(securityHeaders(`'self' ws://${own.host}`)))
    response.setHeader(name, value);
  const refused = refuseRequest(request.headers, own);
  if (refused) return end(response, refused);
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405);
  const target = request.url ?? '';
  if (target === ALIVE_PATH) return end(response, 204);
  const names = staticPath(target);
  const file = names && (await fileBelow(pageDir, names));
  if (!file) return end(response, 404);
  response.writeHead(200, { 'Content-Type': contentType(file) });
  if (request.method === 'HEAD') response.end();
  // A browser that goes away in the middle of a file is no fault.
  else await pipeline(createReadStream(file), response).catch(() => response.destroy());
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(status === 204 ? undefined : `${status} ${STATUS_CODES[status]}\n`);
}

/** Refuses an upgrade with a coded error, before any WebSocket exists. */
function refuse(socket: Duplex, status: number, code: ErrorCode): void {
  const body = JSON.stringify({ code, params: code === 'RPC_MALFORMED' ? { method: 'upgrade' } : {} });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: application/json',
      'X-Content-Type-Options: nosniff',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
