import { createBirpc } from 'birpc';
import * as v from 'valibot';
import { MAX_FRAME_CHARS, type PageFrame, pageFrameSchema } from '../../src-shared/contract/page/wire.ts';
import { decodeWire, encodeWire } from '../../src-shared/wire.ts';

/** One way to the host: messages out, messages in, and the day it closes. Opening it is the caller's business. */
export interface Channel {
  post(body: unknown): void;
  onMessage(listener: (body: unknown) => void): void;
  close(): void;
}

/**
 * Most answers take milliseconds, one about a far chain some seconds. To start over, a whole practice has to stop
 * first, for which it has a minute; a host that is silent for longer hangs.
 */
export const CALL_LIMIT_MS = 90_000;

/** Binds the contract to a channel. Rejected calls carry a plain CodedError. */
export function connectHost<Api extends object, Ui extends object>(
  channel: Channel,
  ui: Ui,
  callLimitMs: number,
): { api: Api; close: () => void } {
  const rpc = createBirpc<Api, Ui>(ui, {
    post: (body) => channel.post(body),
    on: (listener) => channel.onMessage(listener),
    bind: 'functions',
    timeout: callLimitMs,
  });
  return {
    api: rpc as unknown as Api,
    close: () => {
      rpc.$close();
      channel.close();
    },
  };
}

/** Electron's preload hands over a port; structured clones carry bigint by themselves. */
export function portChannel(port: MessagePort): Channel {
  return {
    post: (body) => port.postMessage(body),
    onMessage: (listener) => {
      port.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data));
      port.start();
    },
    close: () => port.close(),
  };
}

/** @throws {AppError} WIRE_MALFORMED when the text is not JSON or too long; null when it is no page frame */
export function readFrame(text: unknown): PageFrame | null {
  if (typeof text !== 'string') return null;
  const parsed = v.safeParse(pageFrameSchema, decodeWire(text, MAX_FRAME_CHARS));
  return parsed.success ? parsed.output : null;
}

/** Frames over a socket that is already open. Frames that are no page frames close it. */
export function socketChannel(socket: WebSocket, onSession: (key: string) => void): Channel {
  let deliver: (body: unknown) => void = () => {};
  socket.addEventListener('message', (event: MessageEvent<unknown>) => {
    const frame = safely(() => readFrame(event.data));
    if (!frame) socket.close();
    else if (frame.kind === 'session') onSession(frame.key);
    else deliver(frame.body);
  });
  return {
    post: (body) => socket.send(encodeWire({ kind: 'rpc', body } satisfies PageFrame)),
    onMessage: (listener) => {
      deliver = listener;
    },
    close: () => socket.close(),
  };
}

function safely<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
