import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { securityHeaders } from '../security-headers.ts';
import { contentType, fileBelow, staticPath } from '../static-path.ts';

/** The page's own origin. Not file://, which would let the page read every file of the user. */
const SCHEME = 'app';
const HOST = 'butterfly';
export const APP_ORIGIN = `${SCHEME}://${HOST}`;

/** Must run before the app is ready. */
export const registerAppScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);

export const serveAppScheme = (session: Session, pageDir: string): void =>
  session.protocol.handle(SCHEME, (request) => answer(request, pageDir));

async function answer(request: Request, pageDir: string): Promise<Response> {
  const url = new URL(request.url);
  const names = url.host === HOST && request.method === 'GET' ? staticPath(url.pathname) : null;
  const file = names && (await fileBelow(pageDir, names));
  const headers = securityHeaders("'self'");
  if (!file) return new Response('404 Not Found\n', { status: 404, headers });
  return new Response(new Uint8Array(await readFile(file)), {
    headers: { ...headers, 'Content-Type': contentType(file) },
  });
}
