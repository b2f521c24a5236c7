import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { requestsIn } from './rig.ts';

export interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A door that does what a test says, whatever a node may do. */
export interface EvilNode {
  readonly url: string;
  /** Upgrades that were asked for. */
  readonly knocks: number;
  /** Frames that came, as they came. */
  readonly frames: readonly string[];
  stop(): Promise<void>;
}

export interface Evil {
  /** What is done with the requests of one frame. */
  readonly onFrame?: (asked: readonly Asked[], socket: WebSocket) => void;
  /** An answer to the upgrade in place of a socket: status and headers; null lets it through. */
  readonly onKnock?: (knocks: number) => readonly [status: number, headers: string] | null;
}

export async function startEvilNode({ onFrame, onKnock }: Evil): Promise<EvilNode> {
  const frames: string[] = [];
  let knocks = 0;
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request: IncomingMessage, socket, head) => {
    const answer = onKnock?.(++knocks) ?? null;
    if (answer) return socket.end(`HTTP/1.1 ${answer[0]} No\r\n${answer[1]}Content-Length: 0\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, (near) => {
      near.on('message', (raw) => {
        frames.push(String(raw));
        onFrame?.(requestsIn(String(raw)), near);
      });
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    get knocks() {
      return knocks;
    },
    frames,
    stop() {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
}

export const answerTo = (id: unknown, result: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result });
