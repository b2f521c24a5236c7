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

/** Headers of every answer. No inline script or style, nothing from elsewhere, nothing kept. */
export const securityHeaders = (own: Origin): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    // Some browsers do not count a WebSocket of the same host as 'self'.
    `connect-src 'self' ws://${own.host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=()',
  'Cache-Control': 'no-store',
});
