import * as v from 'valibot';

/**
 * How the page reaches the host, in either shell. On top of the wire both sides speak birpc with `HostApi` (host's
 * functions, arguments validated by `hostApiArguments`) and `UiApi` (page's functions). A failed call rejects with a
 * plain `CodedError`, never with an Error: read `code` and `params`, show `describeError(error)`.
 *
 * **Web shell.** The host opens the page as `http://127.0.0.1:<port>/#t=<token>`; the port stays the same for a data
 * folder.
 * 1. The page reads the token from the fragment and removes it at once with `history.replaceState`.
 * 2. It opens a WebSocket at `WEB_SOCKET_PATH` of its own origin and offers two subprotocols: `PAGE_PROTOCOL` and
 *    `tokenProtocol(token)`. The host answers with `PAGE_PROTOCOL` alone, so the secret is not echoed.
 * 3. The first frame is `{kind: 'session', key}`. The page keeps the key in `sessionStorage` under
 *    `SESSION_STORAGE_KEY` and from then on connects with `sessionProtocol(key)`: after a reload too. Each connection
 *    is told its key, which may be a new one. A token of the redirect file is spent now; the terminal's holds on.
 * 4. All later frames, both ways, are `{kind: 'rpc', body}` where body is one birpc message.
 *
 * Each frame is one text message, `encodeWire(frame)`, at most `MAX_FRAME_CHARS` long; `decodeWire` reads it.
 * A wrong or spent credential is refused before the socket opens (HTTP 401 with a CodedError as JSON), which a browser
 * shows only as a failed connection. To tell it from a host that is gone, the page asks `ALIVE_PATH`: an answer of
 * 204 means the host lives and does not know this page (show PAGE_TOKEN_WRONG, forget the key); no answer means the
 * host is away (keep the key, try again with back-off). A restarted host knows the pages of the last day.
 *
 * **Electron shell.** No secret and no session: the preload posts `PORT_MESSAGE` to the window with one MessagePort.
 * Over that port birpc messages travel bare, as structured clones.
 */
export const WEB_SOCKET_PATH = '/rpc';
export const ALIVE_PATH = '/alive';
export const PAGE_PROTOCOL = 'butterfly.1';
const TOKEN_PREFIX = 't.';
const SESSION_PREFIX = 's.';

export const SESSION_STORAGE_KEY = 'butterfly.session';
/** `event.data === PORT_MESSAGE` and `event.ports[0]`: the way to the host in Electron. */
export const PORT_MESSAGE = 'butterfly.port';

export const MAX_FRAME_CHARS = 1_048_576;

export const closeCodes = {
  /** The host stops; the page says so and keeps trying. */
  stopping: 4001,
  /** A frame that is no page frame. The page should reload. */
  malformed: 4002,
  /** More pages are open than the host serves; the oldest was let go and must not reconnect by itself. */
  replaced: 4003,
} as const;

/** Tokens and keys are 32 random bytes in base64url: 43 characters, all of them legal in a subprotocol name. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

export type PageCredential =
  | { readonly kind: 'token'; readonly secret: string }
  | { readonly kind: 'session'; readonly secret: string };

export const tokenProtocol = (token: string): string => TOKEN_PREFIX + token;
export const sessionProtocol = (key: string): string => SESSION_PREFIX + key;

/** The credential among the offered subprotocols, or null when there is none of the right shape. */
export function credentialOf(offered: Iterable<string>): PageCredential | null {
  for (const name of offered) {
    const secret = name.slice(2);
    if (!SECRET.test(secret)) continue;
    if (name.startsWith(TOKEN_PREFIX)) return { kind: 'token', secret };
    if (name.startsWith(SESSION_PREFIX)) return { kind: 'session', secret };
  }
  return null;
}

/** The token of a location's fragment (`#t=...`), or null. */
export function tokenOfFragment(fragment: string): string | null {
  const match = /^#t=([A-Za-z0-9_-]{43})$/.exec(fragment);
  return match?.[1] ?? null;
}

export const pageFrameSchema = v.variant('kind', [
  v.object({ kind: v.literal('session'), key: v.pipe(v.string(), v.regex(SECRET)) }),
  v.object({ kind: v.literal('rpc'), body: v.unknown() }),
]);

export type PageFrame = v.InferOutput<typeof pageFrameSchema>;
