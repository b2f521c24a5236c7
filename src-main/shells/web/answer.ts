import { createReadStream } from 'node:fs';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ALIVE_PATH } from '../../../src-shared/contract/page/wire.ts';
import { ANSWER_MS } from '../limits.ts';
import { securityHeaders } from '../security-headers.ts';
import { contentType, fileBelow, staticPath } from '../static-path.ts';
import { admitRequest, type Origin } from './doors.ts';
import { explainAddress } from './explain-address.ts';

const MISDIRECTED = 421;
const FORBIDDEN = 403;

/** Answers a plain request: files of the page, and words for those who took a wrong address. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  own: Origin,
  pageDir: string,
): Promise<void> {
  // Some browsers do not count a WebSocket of the same host as 'self'.
  for (const [name, value] of Object.entries(securityHeaders(`'self' ws://${own.host}`)))
    response.setHeader(name, value);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  switch (admitRequest(request.headers, own)) {
    case 'forbidden':
      return end(response, FORBIDDEN);
    case 'elsewhere':
      // Browsers carry the fragment along, and with it the token.
      return reads ? redirect(response, `${own.origin}/`) : end(response, MISDIRECTED);
    case 'forwarded':
      return reads ? explain(response, own) : end(response, MISDIRECTED);
    case 'misdirected':
      return end(response, MISDIRECTED);
    case 'welcome':
      return reads ? serve(request, response, pageDir) : end(response, 405);
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, pageDir: string): Promise<void> {
  const target = request.url ?? '';
  if (target === ALIVE_PATH) return end(response, 204);
  const names = staticPath(target);
  const file = names && (await fileBelow(pageDir, names));
  if (!file) return end(response, 404);
  response.writeHead(200, { 'Content-Type': contentType(file) });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const limit = AbortSignal.timeout(ANSWER_MS);
  // A browser that goes away in the middle of a file, or reads it too slowly, is no fault.
  await pipeline(createReadStream(file), response, { signal: limit }).catch(() => response.destroy());
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { Location: location });
  response.end();
}

function explain(response: ServerResponse, own: Origin): void {
  response.writeHead(MISDIRECTED, { 'Content-Type': contentType('explain.html') });
  response.end(explainAddress(own));
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(status === 204 ? undefined : `${status} ${STATUS_CODES[status]}\n`);
}
