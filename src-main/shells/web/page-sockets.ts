import * as v from 'valibot';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  closeCodes,
  MAX_FRAME_CHARS,
  PAGE_PROTOCOL,
  type PageFrame,
  pageFrameSchema,
} from '../../../src-shared/contract/page/wire.ts';
import { decodeWire, encodeWire } from '../../../src-shared/wire.ts';
import { PAGE_GOODBYE_MS, UNREAD_BYTES } from '../limits.ts';
import { attachPage, type PageDoor } from '../page-rpc.ts';

/** The pages that are connected by WebSocket. */
export interface PageSockets {
  readonly server: WebSocketServer;
  /** Takes over an admitted socket and tells it its session key. */
  welcome(socket: WebSocket, key: string): void;
  /** Session keys of the pages that are connected. */
  keys(): Iterable<string>;
  /** Says goodbye to every page, then cuts the line. */
  stop(): Promise<void>;
}

/** @param openPages served at once; the oldest gives way */
export function pageSockets(door: PageDoor, openPages: number): PageSockets {
  const open = new Map<WebSocket, string>();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_CHARS,
    // Compression costs a window of memory per page and gains nothing on loopback.
    perMessageDeflate: false,
    handleProtocols: () => PAGE_PROTOCOL,
  });

  function welcome(socket: WebSocket, key: string): void {
    if (open.size >= openPages) [...open.keys()][0]?.close(closeCodes.replaced, 'replaced');
    open.set(socket, key);
    // A broken socket closes as well; there is nothing to add to that.
    socket.on('error', () => {});
    const send = (frame: PageFrame) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > UNREAD_BYTES) socket.terminate();
      else socket.send(encodeWire(frame));
    };
    send({ kind: 'session', key });
    const detach = attachPage(door, {
      post: (body) => send({ kind: 'rpc', body }),
      on: (listener) =>
        socket.on('message', (raw, isBinary) => {
          const frame = isBinary ? null : readFrame(raw.toString());
          if (frame?.kind === 'rpc') listener(frame.body);
          else socket.close(closeCodes.malformed, 'malformed');
        }),
    });
    socket.on('close', () => {
      open.delete(socket);
      detach();
    });
  }

  async function stop(): Promise<void> {
    const closed = [...open.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of open.keys()) socket.close(closeCodes.stopping, 'stopping');
    const cut = setTimeout(() => {
      for (const socket of open.keys()) socket.terminate();
    }, PAGE_GOODBYE_MS);
    await Promise.all(closed);
    clearTimeout(cut);
    server.close();
  }

  return { server, welcome, keys: () => open.values(), stop };
}

function readFrame(text: string): PageFrame | null {
  try {
    const parsed = v.safeParse(pageFrameSchema, decodeWire(text, MAX_FRAME_CHARS));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
