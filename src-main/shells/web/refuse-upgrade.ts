import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../../src-shared/errors/catalogue.ts';
import { REFUSAL_MS } from '../limits.ts';

/**
 * Refuses an upgrade with a coded error, before any WebSocket exists, and lets go of the connection at once: one that
 * its other side never closes would take a place from the pages for ever.
 */
export function refuseUpgrade(socket: Duplex, status: number, code: ErrorCode): void {
  const body = JSON.stringify({ code, params: code === 'RPC_MALFORMED' ? { method: 'upgrade' } : {} });
  const cut = setTimeout(() => socket.destroy(), REFUSAL_MS);
  socket.once('close', () => clearTimeout(cut));
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: application/json',
      'X-Content-Type-Options: nosniff',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
}
