import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  credentialOf,
  PAGE_PROTOCOL,
  type PageCredential,
  WEB_SOCKET_PATH,
} from '../../../src-shared/contract/page/wire.ts';
import { HEADERS_CHECK_MS, HEADERS_MS, HTTP_CONNECTIONS, HTTP_SILENT_MS } from '../limits.ts';
import type { PageDoor } from '../page-rpc.ts';
import { answer } from './answer.ts';
import { admitSocket, loopbackOrigin, type Origin } from './doors.ts';
import { listenAtOneOf } from './page-port.ts';
import { type PageSockets, pageSockets } from './page-sockets.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

export interface OriginOptions {
  readonly door: PageDoor;
  /** To try, the best first. */
  readonly ports: readonly number[];
  /** Folder of the built page. */
  readonly pageDir: string;
  /** Pages served at once; the oldest gives way. */
  readonly openPages: number;
  /** @returns the session key of a welcome page from now on, or null */
  admit(credential: PageCredential | null): string | null;
}

/** One page at one loopback port: static files and one WebSocket. No HTTP request changes anything. */
export interface ServedOrigin extends Origin {
  /** "http://127.0.0.1:<port>/#t=<token>" */
  urlWith(token: string): string;
  /** Session keys of the pages that are connected. */
  keys(): Iterable<string>;
  stop(): Promise<void>;
}

/** @throws {AppError} PORT_IN_USE, OPTION_INVALID (a port that this user may not take) */
export async function serveOrigin(options: OriginOptions): Promise<ServedOrigin> {
  const { door, pageDir } = options;
  const http = boundedServer();
  const own = loopbackOrigin(await listenAtOneOf(http, options.ports));
  http.on('error', door.onProblem);
  const sockets = pageSockets(door, options.openPages);
  http.on('request', (request, response) => {
    answer(request, response, own, pageDir).catch((problem: unknown) => {
      door.onProblem(problem);
      response.destroy();
    });
  });
  admitPages(http, own, options, sockets);
  return {
    ...own,
    urlWith: (token) => `${own.origin}/#t=${token}`,
    keys: () => sockets.keys(),
    async stop() {
      const closed = new Promise((resolve) => http.close(resolve));
      await sockets.stop();
      http.closeAllConnections();
      await closed;
    },
  };
}

/** A server on which nobody holds a place for long without using it. */
function boundedServer(): Server {
  const http = createServer({
    headersTimeout: HEADERS_MS,
    requestTimeout: HEADERS_MS,
    connectionsCheckingInterval: HEADERS_CHECK_MS,
  });
  http.maxConnections = HTTP_CONNECTIONS;
  http.timeout = HTTP_SILENT_MS;
  return http;
}

/** Upgrades of our own page that bring what they need become sockets; all others are refused. */
function admitPages(
  http: Server,
  own: Origin,
  { admit }: Pick<OriginOptions, 'admit'>,
  sockets: PageSockets,
): void {
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    const admission = admitSocket(request.headers, own);
    if (admission === 'misdirected') return refuseUpgrade(socket, 421, 'PAGE_ORIGIN_FOREIGN');
    if (admission === 'forbidden') return refuseUpgrade(socket, 403, 'PAGE_ORIGIN_FOREIGN');
    if (request.url !== WEB_SOCKET_PATH) return refuseUpgrade(socket, 404, 'RPC_MALFORMED');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
    const key = offered.includes(PAGE_PROTOCOL) ? admit(credentialOf(offered)) : null;
    if (!key) return refuseUpgrade(socket, 401, 'PAGE_TOKEN_WRONG');
    sockets.server.handleUpgrade(request, socket, head, (ready) => sockets.welcome(ready, key));
  });
}
