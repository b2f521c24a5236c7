import {
  ALIVE_PATH,
  closeCodes,
  PAGE_PROTOCOL,
  PORT_MESSAGE,
  SESSION_STORAGE_KEY,
  sessionProtocol,
  tokenOfFragment,
  tokenProtocol,
  WEB_SOCKET_PATH,
} from '../../src-shared/contract/page/wire.ts';
import { type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { backoffMs } from './backoff.ts';
import { type Channel, connectHost, portChannel, socketChannel } from './transport.ts';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  /** The host ended because this page asked it to. */
  | { readonly kind: 'quit' }
  /** The host is gone; another attempt at `nextAtMs`. */
  | { readonly kind: 'away'; readonly attempts: number; readonly nextAtMs: number }
  /** The host lives and does not know this page. */
  | { readonly kind: 'refused' }
  /** Another window took over. */
  | { readonly kind: 'replaced' };

/** An answer from a loopback server takes milliseconds. */
const ALIVE_LIMIT_MS = 2_000;

/** What a page does with what the host says. */
export interface PageEnd<View> {
  /** The whole view of a new connection: nothing of the old one may linger in it. */
  replace(view: View): void;
  patch(sections: Partial<View>): void;
}

interface Viewed<View> {
  view(): Promise<View>;
}

/** A page's one line to the host: opens it, keeps it, and says plainly when it is gone. */
export class HostLine<Api extends Viewed<View>, View> {
  state = $state.raw<ConnectionState>({ kind: 'connecting' });
  #api: Api | null = null;
  #close: () => void = () => {};
  #retry: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  #token: string | null = null;
  #isQuitting = false;
  readonly #page: PageEnd<View>;
  readonly #callLimitMs: number;

  constructor(page: PageEnd<View>, callLimitMs: number) {
    this.#page = page;
    this.#callLimitMs = callLimitMs;
  }

  start(): void {
    this.#token = tokenOfFragment(location.hash);
    // The token must not stay in the address bar, the history or a bookmark; a place of the page may.
    if (location.hash.startsWith('#t=')) history.replaceState(null, '', location.pathname + location.search);
    window.addEventListener('message', (event) => {
      const port = event.ports[0];
      if (event.source === window && event.data === PORT_MESSAGE && port) void this.#adoptPort(port);
    });
    if (location.protocol.startsWith('http')) this.#openSocket();
  }

  /** The user ends the host: its going is no fault, and nothing is to be tried again. */
  expectQuit(): void {
    this.#isQuitting = true;
  }

  tryNow(): void {
    this.#isQuitting = false;
    clearTimeout(this.#retry);
    this.state = { kind: 'connecting' };
    this.#openSocket();
  }

  /** Runs a call; the error is coded whatever went wrong. */
  async ask<T>(call: (api: Api) => Promise<T>): Promise<{ value: T } | { error: CodedError }> {
    const api = this.#api;
    if (!api) return { error: { code: 'CANCELLED', params: {} } };
    try {
      return { value: await call(api) };
    } catch (thrown) {
      // The line went while the host had the call: nothing failed that anybody can name.
      return { error: this.#api === api ? toCodedError(thrown) : { code: 'CANCELLED', params: {} } };
    }
  }

  #connect(channel: Channel): { api: Api; close: () => void } {
    const ui = { patch: (sections: Partial<View>) => this.#page.patch(sections) };
    return connectHost<Api, typeof ui>(channel, ui, this.#callLimitMs);
  }

  async #adoptPort(port: MessagePort): Promise<void> {
    const host = this.#connect(portChannel(port));
    await this.#adopt(host);
  }

  async #adopt(host: { api: Api; close: () => void }): Promise<void> {
    this.#close();
    this.#api = host.api;
    this.#close = host.close;
    const answer = await this.ask((api) => api.view());
    if (this.#api !== host.api) return;
    if ('error' in answer) return this.#lost();
    this.#page.replace(answer.value);
    this.#attempts = 0;
    this.#isQuitting = false;
    this.state = { kind: 'open' };
  }

  #openSocket(): void {
    const credential = this.#credential();
    if (!credential) {
      this.state = { kind: 'refused' };
      return;
    }
    const address = new URL(WEB_SOCKET_PATH, location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address, [PAGE_PROTOCOL, credential]);
    const channel = socketChannel(socket, (key) => {
      sessionStorage.setItem(SESSION_STORAGE_KEY, key);
      this.#token = null;
    });
    let opened = false;
    socket.addEventListener('open', () => {
      opened = true;
      void this.#adopt(this.#connect(channel));
    });
    socket.addEventListener('close', (event) => void this.#closed(opened, event.code));
  }

  #credential(): string | null {
    if (this.#token) return tokenProtocol(this.#token);
    const key = sessionStorage.getItem(SESSION_STORAGE_KEY);
    return key ? sessionProtocol(key) : null;
  }

  async #closed(opened: boolean, code: number): Promise<void> {
    this.#api = null;
    this.#close();
    this.#close = () => {};
    if (this.#isQuitting) this.state = { kind: 'quit' };
    else if (code === closeCodes.replaced) this.state = { kind: 'replaced' };
    else if (!opened && (await isAlive())) {
      // A restarted host knows no old key, and a spent token opens nothing.
      sessionStorage.removeItem(SESSION_STORAGE_KEY);
      this.#token = null;
      this.state = { kind: 'refused' };
    } else this.#lost();
  }

  #lost(): void {
    clearTimeout(this.#retry);
    const waitMs = backoffMs(this.#attempts);
    this.#attempts += 1;
    this.state = { kind: 'away', attempts: this.#attempts, nextAtMs: Date.now() + waitMs };
    this.#retry = setTimeout(() => this.#openSocket(), waitMs);
  }
}

async function isAlive(): Promise<boolean> {
  try {
    const answer = await fetch(ALIVE_PATH, {
      signal: AbortSignal.timeout(ALIVE_LIMIT_MS),
      cache: 'no-store',
    });
    return answer.status === 204;
  } catch {
    return false;
  }
}
