import { AppError } from '../../../src-shared/errors/app-error.ts';
import { KEYS_SEEN_EVERY_MS, OPEN_PAGES } from '../limits.ts';
import type { PageDoor } from '../page-rpc.ts';
import { pageFile } from './page-file.ts';
import { portsToTry } from './page-port.ts';
import { redirectFile } from './redirect-file.ts';
import { serveOrigin } from './serve-origin.ts';
import { newSessions, type Sessions } from './sessions.ts';

export interface WebShellOptions extends PageDoor {
  /** null: the one that belongs to the data folder, or one near it. 0: any free port. */
  readonly port: number | null;
  /** Folder of the built page. */
  readonly pageDir: string;
  readonly dataDir: string;
}

export interface WebShell {
  readonly port: number;
  /** The port of last time, where another program has it now and the address is a new one; else null. */
  readonly movedFrom: number | null;
  /** "http://127.0.0.1:<port>/", without secret. */
  readonly address: string;
  /** The address with a token that signs in while this host runs. For a terminal, never for a log. */
  readonly terminalUrl: string;
  /** The address in the redirect file, with a token that opens one session. */
  readonly url: string;
  /** A file of mode 0600 that leads to `url`: what the browser is opened with. */
  readonly redirectFile: string;
  stop(): Promise<void>;
}

/**
 * The page over loopback: one origin of static files and one WebSocket. No HTTP request changes anything. Pages that
 * were connected before a restart find the host at the same address and come back by themselves.
 * @throws {AppError} PORT_IN_USE, OPTION_INVALID (a port that this user may not take), DATA_DIR_UNWRITABLE, DISK_FULL
 */
export async function startWebShell(options: WebShellOptions): Promise<WebShell> {
  const { dataDir, pageDir, onProblem } = options;
  const file = pageFile(dataDir, onProblem);
  const last = await file.read();
  const redirect = redirectFile(dataDir);
  let sessions: Sessions;
  const origin = await serveOrigin({
    ...{ door: options, pageDir, openPages: OPEN_PAGES },
    ports: options.port === null ? portsToTry(dataDir, last?.port ?? null) : [options.port],
    admit: (credential) => sessions.admit(credential),
  });
  const { port, urlWith } = origin;
  let writing: Promise<unknown> = Promise.resolve();
  sessions = newSessions({
    // What now sits at an address that was ours may have been told its keys: they count at that address only.
    kept: last?.port === port ? last.keys : [],
    onFileToken: (token) => void redirect.write(urlWith(token)).catch(onProblem),
    onKept: () => {
      writing = file.write({ port, keys: [...sessions.kept()] }).catch(onProblem);
    },
    now: Date.now,
  });
  const seen = setInterval(() => sessions.seen(origin.keys()), KEYS_SEEN_EVERY_MS).unref();

  async function stop(): Promise<void> {
    clearInterval(seen);
    sessions.seen(origin.keys());
    await origin.stop();
    await writing;
    await redirect.remove();
  }

  try {
    await redirect.write(urlWith(sessions.fileToken));
    sessions.seen([]);
  } catch (thrown) {
    await stop().catch(() => {});
    throw thrown instanceof AppError
      ? thrown
      : new AppError('DATA_DIR_UNWRITABLE', { path: dataDir }, thrown);
  }
  return {
    port,
    movedFrom: options.port === null && last && last.port !== port ? last.port : null,
    address: `${origin.origin}/`,
    terminalUrl: urlWith(sessions.terminalToken),
    get url() {
      return urlWith(sessions.fileToken);
    },
    redirectFile: redirect.path,
    stop,
  };
}
