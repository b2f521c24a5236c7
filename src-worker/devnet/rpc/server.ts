import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Chain } from '../chain/chain.ts';
import { CLOSE_GRACE_MS, MAX_FRAME_BYTES, MAX_KNOCKING, UPGRADE_MS } from '../limits.ts';
import type { Method } from './methods.ts';
import { Places } from './places.ts';
import { RpcClient, type Shared } from './rpc-client.ts';
import { emptyRoom } from './subscriptions.ts';
import { Turns } from './turns.ts';
import type { Weather } from './weather.ts';

export interface RpcServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The endpoint: JSON-RPC over WebSocket on loopback. @param port 0 takes any free one. @throws {AppError} PORT_IN_USE */
export async function listen(
  port: number,
  chain: Chain,
  methods: Readonly<Record<string, Method>>,
  weather: Weather,
): Promise<RpcServer> {
  const http = createServer({ headersTimeout: UPGRADE_MS, connectionsCheckingInterval: UPGRADE_MS / 4 });
  http.on('request', (_request, response) => response.writeHead(426, { connection: 'close' }).end());
  boundKnocking(http);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, clientTracking: true });
  const shared: Shared = { chain, methods, turns: new Turns(), room: emptyRoom(), weather };
  const places = new Places();
  http.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy());
    if (!isWelcome(request, http.address())) return refuse(stream, '403 Forbidden');
    if (!places.makeRoom()) return refuse(stream, '503 Service Unavailable');
    return sockets.handleUpgrade(request, stream, head, (socket) => serve(socket, shared, places));
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) => reject(new AppError('PORT_IN_USE', { port }, cause)));
    http.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = http.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${taken}`, close: () => close(http, sockets) };
}

/** Connections that have not become clients yet: above the bound the oldest is cut off, so that the newest is heard. */
function boundKnocking(http: Server): void {
  const knocking = new Set<Duplex>();
  http.on('connection', (stream) => {
    knocking.add(stream);
    stream.once('close', () => knocking.delete(stream));
    const [oldest] = knocking;
    if (knocking.size > MAX_KNOCKING) oldest?.destroy();
  });
  http.on('upgrade', (_request, stream) => knocking.delete(stream));
}

/** The other side may never close; we do not wait for it. */
function refuse(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`, () => stream.destroy());
}

/** A web page can open a WebSocket to loopback, but it cannot hide its origin nor (by DNS) the name it used. */
function isWelcome({ headers }: IncomingMessage, address: ReturnType<Server['address']>): boolean {
  // Who knocks while the door closes comes too late.
  if (address === null || typeof address === 'string') return false;
  const { port } = address;
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  return (
    names.includes(headers.host ?? '') &&
    (headers.origin === undefined || names.some((name) => headers.origin === `http://${name}`))
  );
}

function serve(socket: WebSocket, shared: Shared, places: Places): void {
  const client = new RpcClient(socket, shared);
  const free = places.take({
    get silentMs() {
      return client.silentMs;
    },
    get isIdle() {
      return client.isIdle;
    },
    leave: () => socket.terminate(),
  });
  socket.on('message', (frame, isBinary) => {
    if (isBinary) socket.close(1003);
    else client.receive(frame as Buffer);
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    free();
    client.close();
  });
}

async function close(http: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.close(1001);
  const cut = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
  }, CLOSE_GRACE_MS);
  await new Promise<void>((resolve) => http.close(() => resolve()));
  clearTimeout(cut);
  sockets.close();
}
