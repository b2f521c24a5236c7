import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** Frames from clients so far, the requests in them, and the final blocks that the node has told of. */
export interface Counted {
  readonly frames: number;
  readonly requests: number;
  readonly sockets: number;
  readonly finalized: number;
}

/** A proxy before a node that counts what a client asks, and can keep back what the node tells by itself. */
export interface Wire {
  readonly url: string;
  readonly counted: Counted;
  /** Resolves once the node has told of so many final blocks. */
  finalized(count: number): Promise<void>;
  /** The notices of all subscriptions stop here from now on, on every socket; answers and pings go on. */
  muteNotices(): void;
  stop(): Promise<void>;
}

export async function startWire(target: string): Promise<Wire> {
  const counted = { frames: 0, requests: 0, sockets: 0, finalized: 0 };
  const waiting = new Set<() => void>();
  let isMuted = false;
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (near) => {
    counted.sockets++;
    const far = new WebSocket(target);
    const opened = once(far, 'open');
    opened.catch(() => near.terminate());
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.terminate());
      one.on('close', () => other.terminate());
    }
    near.on('message', async (raw) => {
      counted.frames++;
      counted.requests += [JSON.parse(String(raw))].flat().length;
      await opened;
      far.send(String(raw));
    });
    far.on('message', (raw) => {
      if (String(raw).includes('"chain_finalizedHead"')) {
        counted.finalized++;
        for (const look of waiting) look();
      }
      if (isMuted && String(raw).includes('"subscription"')) return;
      near.send(String(raw));
    });
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counted,
    finalized(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => counted.finalized >= count && resolve();
      waiting.add(look);
      look();
      return promise.finally(() => waiting.delete(look));
    },
    muteNotices() {
      isMuted = true;
    },
    stop() {
      for (const client of server.clients) client.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
