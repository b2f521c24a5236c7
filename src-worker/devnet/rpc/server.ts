import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Chain } from '../chain/chain.ts';
import { CLOSE_GRACE_MS, MAX_CONNECTIONS, MAX_FRAME_BYTES } from '../limits.ts';
import type { Method } from './methods.ts';
import { Session } from './session.ts';

export interface RpcServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The endpoint: JSON-RPC over WebSocket on loopback. @param port 0 takes any free one. */
export async function listen(
  port: number,
  chain: Chain,
  methods: Readonly<Record<string, Method>>,
): Promise<RpcServer> {
  const http = createServer((_request, response) => response.writeHead(426, { connection: 'close' }).end());
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, clientTracking: true });
  http.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy());
    if (!isWelcome(request, http.address() as AddressInfo))
      return stream.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    if (sockets.clients.size >= MAX_CONNECTIONS)
      return stream.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
    return sockets.handleUpgrade(request, stream, head, (socket) => serve(socket, chain, methods));
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) => reject(new AppError('PORT_IN_USE', { port }, cause)));
    http.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = http.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${taken}`, close: () => close(http, sockets) };
}

/** A web page can open a WebSocket to loopback, but it cannot hide its origin nor (by DNS) the name it used. */
function isWelcome({ headers }: IncomingMessage, { port }: AddressInfo): boolean {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  return (
    names.includes(headers.host ?? '') &&
    (headers.origin === undefined || names.some((name) => headers.origin === `http://${name}`))
  );
}

function serve(socket: WebSocket, chain: Chain, methods: Readonly<Record<string, Method>>): void {
  const session = new Session(socket, chain, methods);
  socket.on('message', (frame, isBinary) => {
    if (isBinary) socket.close(1003);
    else session.receive(frame.toString());
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => session.close());
}

async function close(http: ReturnType<typeof createServer>, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.close(1001);
  const cut = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
  }, CLOSE_GRACE_MS);
  await new Promise<void>((resolve) => http.close(() => resolve()));
  clearTimeout(cut);
  sockets.close();
}
