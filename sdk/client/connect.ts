import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBirpc } from 'birpc';
import * as v from 'valibot';
import { WebSocket } from 'ws';
import type { HostApi, UiApi } from '../../src-shared/contract/page/api.ts';
import { applyPatch, type View } from '../../src-shared/contract/page/sections.ts';
import {
  MAX_FRAME_CHARS,
  PAGE_PROTOCOL,
  pageFrameSchema,
  tokenOfFragment,
  tokenProtocol,
  WEB_SOCKET_PATH,
} from '../../src-shared/contract/page/wire.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { decodeWire, encodeWire } from '../../src-shared/wire.ts';
import { CALL_MS, CONNECT_MS } from './limits.ts';

export type { HostApi, View };

/** A host that is connected. Refused calls reject with a plain `CodedError`: `describeError` makes sentences of it. */
export interface ButterflyClient {
  /** All that the page may ask, and nothing else: what spends money is agreed to by a person in the signing window. */
  readonly api: HostApi;
  /** What the host told last. Sections that are not known yet are null. */
  readonly view: View;
  /** Told of each change. @returns what ends it */
  onView(listener: (view: View) => void): () => void;
  /**
   * The first thing that `pick` makes of the view, now or later.
   * @throws what the signal was aborted with, or AppError CANCELLED when the line ends
   */
  until<T>(pick: (view: View) => T | null | undefined, signal: AbortSignal): Promise<T>;
  close(): void;
}

/**
 * Connects to the Butterfly that runs on a data folder, with the token that lies there for its owner.
 * @throws {AppError} HOST_NOT_RUNNING, PAGE_TOKEN_WRONG
 */
export async function connectButterfly(dataDir: string): Promise<ButterflyClient> {
  const { origin, token } = await doorOf(dataDir);
  const socket = new WebSocket(
    `${origin.replace('http', 'ws')}${WEB_SOCKET_PATH}`,
    [PAGE_PROTOCOL, tokenProtocol(token)],
    { origin, maxPayload: MAX_FRAME_CHARS, handshakeTimeout: CONNECT_MS },
  );
  // What fails is told by `opened`, and later by the end of the line.
  socket.on('error', () => {});
  try {
    await opened(socket, dataDir);
    return await clientOn(socket);
  } catch (thrown) {
    // Else the line would keep a script alive that has failed.
    socket.terminate();
    throw thrown;
  }
}

async function clientOn(socket: WebSocket): Promise<ButterflyClient> {
  const listeners = new Set<(view: View) => void>();
  const gone = new AbortController();
  let view: View | null = null;
  const take = (next: View) => {
    view = next;
    for (const listener of listeners) listener(next);
  };
  const ui: UiApi = { patch: (sections) => void (view && take(applyPatch(view, sections))) };
  const rpc = createBirpc<HostApi, UiApi>(ui, {
    post: (body) => socket.send(encodeWire({ kind: 'rpc', body })),
    on: (listener) => socket.on('message', (raw) => deliver(String(raw), listener)),
    bind: 'functions',
    timeout: CALL_MS,
  });
  socket.once('close', () => {
    gone.abort(new AppError('CANCELLED'));
    rpc.$close();
  });
  const api = rpc as unknown as HostApi;
  take(await api.view());
  const onView = (listener: (view: View) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    api,
    get view() {
      if (!view) throw new AppError('CANCELLED');
      return view;
    },
    onView,
    until: (pick, signal) => firstOf(() => view, onView, pick, AbortSignal.any([signal, gone.signal])),
    close: () => socket.close(),
  };
}

/** The address of the page with its token, which the host keeps in a file for its owner alone. */
async function doorOf(dataDir: string): Promise<{ origin: string; token: string }> {
  const page = await readFile(join(dataDir, 'open-butterfly.html'), 'utf8').catch((error: unknown) => {
    throw new AppError('HOST_NOT_RUNNING', { path: dataDir }, error);
  });
  const [, origin, fragment = ''] = /url=(http:\/\/127\.0\.0\.1:\d{1,5})\/(#[\w=.-]+)/.exec(page) ?? [];
  const token = tokenOfFragment(fragment);
  if (!origin || !token) throw new AppError('PAGE_TOKEN_WRONG');
  return { origin, token };
}

function opened(socket: WebSocket, dataDir: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', () => reject(new AppError('PAGE_TOKEN_WRONG')));
    socket.once('error', (error) => reject(new AppError('HOST_NOT_RUNNING', { path: dataDir }, error)));
  });
}

/** The host is trusted; a frame that is none of ours is passed over all the same. */
function deliver(text: string, listener: (body: unknown) => void): void {
  const frame = v.safeParse(pageFrameSchema, decodeWire(text, MAX_FRAME_CHARS));
  if (frame.success && frame.output.kind === 'rpc') listener(frame.output.body);
}

function firstOf<T>(
  current: () => View | null,
  onView: ButterflyClient['onView'],
  pick: (view: View) => T | null | undefined,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      off();
      signal.removeEventListener('abort', abort);
      settle();
    };
    const look = (view: View | null) => {
      const found = view && pick(view);
      if (found !== null && found !== undefined) end(() => resolve(found));
    };
    const abort = () => end(() => reject(signal.reason));
    const off = onView(look);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    else look(current());
  });
}
