import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { securityHeaders } from '../security-headers.ts';
import { contentType, fileBelow, staticPath } from '../static-path.ts';

/** Our own scheme. Not file://, which would let a page read every file of the user. */
const SCHEME = 'app';
/** The page, and the signing window: two origins, each with a session of its own that serves it and nothing else. */
export const APP_ORIGIN = `${SCHEME}://butterfly`;
export const SIGNING_ORIGIN = `${SCHEME}://signing`;
export type AppOrigin = typeof APP_ORIGIN | typeof SIGNING_ORIGIN;

/** Must run before the app is ready. */
export const registerAppScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);

export const serveAppScheme = (session: Session, origin: AppOrigin, pageDir: string): void =>
  session.protocol.handle(SCHEME, (request) => answer(request, origin, pageDir));

async function answer(request: Request, origin: AppOrigin, pageDir: string): Promise<Response> {
  const url = new URL(request.url);
  const isOurs = `${url.protocol}//${url.host}` === origin && request.method === 'GET';
  const names = isOurs ? staticPath(url.pathname) : null;
  const file = names && (await fileBelow(pageDir, names));
  const headers = securityHeaders("'self'");
  if (!file) return new Response('404 Not Found\n', { status: 404, headers });
  return new Response(new Uint8Array(await readFile(file)), {
    headers: { ...headers, 'Content-Type': contentType(file) },
  });
}
