import type { PageDoor } from '../page-rpc.ts';
import { newestSession } from './newest-session.ts';
import { nextPorts } from './page-port.ts';
import { serveOrigin } from './serve-origin.ts';

export interface SigningOriginOptions {
  readonly door: PageDoor;
  /** Folder of the built signing window. */
  readonly pageDir: string;
  /** Of the main page: the ports behind it are tried first, so that both can be forwarded from another machine. */
  readonly pagePort: number;
}

export interface SigningOrigin {
  readonly port: number;
  /** An address that opens the window, once and soon. The one before opens nothing any more. */
  open(): string;
  stop(): Promise<void>;
}

/**
 * The signing window over loopback: an origin of its own, so that no script of the main page can read it, press in it
 * or call its host. Nothing of its sessions is written down.
 * @throws {AppError} PORT_IN_USE
 */
export async function serveSigning({
  door,
  pageDir,
  pagePort,
}: SigningOriginOptions): Promise<SigningOrigin> {
  const session = newestSession(() => performance.now());
  const origin = await serveOrigin({
    ...{ door, pageDir, ports: nextPorts(pagePort), openPages: 1 },
    admit: (credential) => session.admit(credential),
  });
  return { port: origin.port, open: () => origin.urlWith(session.issue()), stop: () => origin.stop() };
}
