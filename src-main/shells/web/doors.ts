import type { IncomingHttpHeaders } from 'node:http';

/** Who may come in. Pure decisions on headers; `null` means welcome, a number is the HTTP status of the refusal. */
export interface Origin {
  /** "127.0.0.1:<port>" */
  readonly host: string;
  /** "http://127.0.0.1:<port>" */
  readonly origin: string;
}

export const loopbackOrigin = (port: number): Origin => ({
  host: `127.0.0.1:${port}`,
  origin: `http://127.0.0.1:${port}`,
});

const MISDIRECTED = 421;
const FORBIDDEN = 403;

/**
 * A foreign Host means a name was rebound to 127.0.0.1. A page from elsewhere may lead the user here by a link (the
 * redirect file does), but may not fetch, embed or script anything.
 */
export function refuseRequest(headers: IncomingHttpHeaders, own: Origin): number | null {
  if (headers.host !== own.host) return MISDIRECTED;
  if (headers.origin !== undefined && headers.origin !== own.origin) return FORBIDDEN;
  const site = headers['sec-fetch-site'];
  const navigates = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (site === undefined || site === 'same-origin' || site === 'none' || navigates) return null;
  return FORBIDDEN;
}

/** A WebSocket carries power over the host: here the Origin must be present and our own. */
export function refuseSocket(headers: IncomingHttpHeaders, own: Origin): number | null {
  if (headers.host !== own.host) return MISDIRECTED;
  if (headers.origin !== own.origin) return FORBIDDEN;
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' ? null : FORBIDDEN;
}
