import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { credentialOf, PAGE_PROTOCOL, WEB_SOCKET_PATH } from '../../../src-shared/contract/page/wire.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  HEADERS_CHECK_MS,
  HEADERS_MS,
  HTTP_CONNECTIONS,
  HTTP_SILENT_MS,
  KEYS_SEEN_EVERY_MS,
} from '../limits.ts';
import type { PageDoor } from '../page-rpc.ts';
import { answer } from './answer.ts';
import { admitSocket, loopbackOrigin, type Origin } from './doors.ts';
import { pageFile } from './page-file.ts';
import { listenAtOneOf, portsToTry } from './page-port.ts';
import { type PageSockets, pageSockets } from './page-sockets.ts';
import { redirectFile } from './redirect-file.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { newSessions, type Sessions } from './sessions.ts';

export interface WebShellOptions extends PageDoor {
  /** null: the one that belongs to the data folder, or one near it. 0: any free port. */
  readonly port: number | null;
  /** Folder of the built page. */
  readonly pageDir: string;
  readonly dataDir: string;
}

export interface WebShell {
  readonly port: number;
  /** The port of last time, where another program has it now and the address is a new one; else null. */
  readonly movedFrom: number | null;
  /** "http://127.0.0.1:<port>/", without secret. */
  readonly address: string;
  /** The address with a token that signs in while this host runs. For a terminal, never for a log. */
  readonly terminalUrl: string;
  /** The address in the redirect file, with a token that opens one session. */
  readonly url: string;
  /** A file of mode 0600 that leads to `url`: what the browser is opened with. */
  readonly redirectFile: string;
  stop(): Promise<void>;
}

/**
 * The page over loopback: one origin of static files and one WebSocket. No HTTP request changes anything. Pages that
 * were connected before a restart find the host at the same address and come back by themselves.
 * @throws {AppError} PORT_IN_USE, OPTION_INVALID (a port that this user may not take), DATA_DIR_UNWRITABLE, DISK_FULL
 */
export async function startWebShell(options: WebShellOptions): Promise<WebShell> {
  const { dataDir, pageDir, onProblem } = options;
  const file = pageFile(dataDir, onProblem);
  const last = await file.read();
  const http = boundedServer();
  const wanted = options.port === null ? portsToTry(dataDir, last?.port ?? null) : [options.port];
  const port = await listenAtOneOf(http, wanted);
  http.on('error', onProblem);
  const own = loopbackOrigin(port);
  const urlWith = (token: string) => `${own.origin}/#t=${token}`;
  const redirect = redirectFile(dataDir);
  const sockets = pageSockets(options);
  let writing: Promise<unknown> = Promise.resolve();
  const sessions = newSessions({
    // What now sits at an address that was ours may have been told its keys: they count at that address only.
    kept: last?.port === port ? last.keys : [],
    onFileToken: (token) => void redirect.write(urlWith(token)).catch(onProblem),
    onKept: () => {
      writing = file.write({ port, keys: [...sessions.kept()] }).catch(onProblem);
    },
    now: Date.now,
  });
  const seen = setInterval(() => sessions.seen(sockets.keys()), KEYS_SEEN_EVERY_MS).unref();
  http.on('request', (request, response) => {
    answer(request, response, own, pageDir).catch((problem: unknown) => {
      onProblem(problem);
      response.destroy();
    });
  });
  admitPages(http, own, sessions, sockets);

  async function stop(): Promise<void> {
    clearInterval(seen);
    sessions.seen(sockets.keys());
    const closed = new Promise((resolve) => http.close(resolve));
    await sockets.stop();
    http.closeAllConnections();
    await closed;
    await writing;
    await redirect.remove();
  }

  try {
    await redirect.write(urlWith(sessions.fileToken));
    sessions.seen([]);
  } catch (thrown) {
    await stop().catch(() => {});
    throw thrown instanceof AppError
      ? thrown
      : new AppError('DATA_DIR_UNWRITABLE', { path: dataDir }, thrown);
  }
  return {
    port,
    movedFrom: options.port === null && last && last.port !== port ? last.port : null,
    address: `${own.origin}/`,
    terminalUrl: urlWith(sessions.terminalToken),
    get url() {
      return urlWith(sessions.fileToken);
    },
    redirectFile: redirect.path,
    stop,
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
function admitPages(http: Server, own: Origin, sessions: Sessions, sockets: PageSockets): void {
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    const admission = admitSocket(request.headers, own);
    if (admission === 'misdirected') return refuseUpgrade(socket, 421, 'PAGE_ORIGIN_FOREIGN');
    if (admission === 'forbidden') return refuseUpgrade(socket, 403, 'PAGE_ORIGIN_FOREIGN');
    if (request.url !== WEB_SOCKET_PATH) return refuseUpgrade(socket, 404, 'RPC_MALFORMED');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
    const key = offered.includes(PAGE_PROTOCOL) ? sessions.admit(credentialOf(offered)) : null;
    if (!key) return refuseUpgrade(socket, 401, 'PAGE_TOKEN_WRONG');
    sockets.server.handleUpgrade(request, socket, head, (ready) => sockets.welcome(ready, key));
  });
}
