import type { IncomingHttpHeaders } from 'node:http';

/** Who may come in. Pure decisions on headers. */
export interface Origin {
  readonly port: number;
  /** "127.0.0.1:<port>" */
  readonly host: string;
  /** "http://127.0.0.1:<port>" */
  readonly origin: string;
}

export const loopbackOrigin = (port: number): Origin => ({
  port,
  host: `127.0.0.1:${port}`,
  origin: `http://127.0.0.1:${port}`,
});

/**
 * What becomes of a request: `welcome`; `elsewhere`, another name of this very server, which leads to the right one;
 * `forwarded`, a loopback address of another port, which gets an explanation; or a plain refusal.
 */
export type Admission = 'welcome' | 'elsewhere' | 'forwarded' | 'misdirected' | 'forbidden';

/** Names of this machine to itself. Nobody can make them point elsewhere by DNS, so they may be answered in words. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::(\d{1,5}))?$/i;

/**
 * A foreign Host means a name was rebound to 127.0.0.1. A page from elsewhere may lead the user here by a link (the
 * redirect file does), but may not fetch, embed or script anything.
 */
export function admitRequest(headers: IncomingHttpHeaders, own: Origin): Admission {
  const byHost = admitHost(headers.host, own);
  if (byHost !== 'welcome') return byHost;
  if (headers.origin !== undefined && headers.origin !== own.origin) return 'forbidden';
  const site = headers['sec-fetch-site'];
  const navigates = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return site === undefined || site === 'same-origin' || site === 'none' || navigates
    ? 'welcome'
    : 'forbidden';
}

/** A WebSocket carries power over the host: here the Origin must be present and our own. */
export function admitSocket(
  headers: IncomingHttpHeaders,
  own: Origin,
): 'welcome' | 'misdirected' | 'forbidden' {
  if (headers.host !== own.host) return 'misdirected';
  if (headers.origin !== own.origin) return 'forbidden';
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' ? 'welcome' : 'forbidden';
}

function admitHost(host: string | undefined, own: Origin): Admission {
  if (host === own.host) return 'welcome';
  const loopback = LOOPBACK.exec(host ?? '');
  if (!loopback) return 'misdirected';
  return Number(loopback[1] ?? 80) === own.port ? 'elsewhere' : 'forwarded';
}
