import { BrowserWindow, session } from 'electron';
import type { PageDoor } from '../page-rpc.ts';
import { SIGNING_ORIGIN, serveAppScheme } from './app-scheme.ts';
import { lockContents, lockedWebPreferences, lockSession } from './lockdown.ts';
import { servePagePort } from './page-port.ts';

export interface SigningWindowOptions {
  readonly door: PageDoor;
  /** Folder of the built signing window. */
  readonly pageDir: string;
  /** The person closed it. */
  closed(): void;
  /** The built preload script. */
  readonly preload: string;
}

/** The second window, which looks over, signs, and shows the words of wallets. There is one at most. */
export interface SigningWindow {
  /** Opens it, or brings it to the front. @returns null: nobody needs its address */
  open(): Promise<null>;
  stop(): void;
}

/** Nothing of its session is kept: no file, no cookie, no cache. */
const PARTITION = 'signing';

/** Its session and origin are its own, so that neither the page nor anything it loads reaches into it. */
export function signingWindow({ door, pageDir, preload, closed }: SigningWindowOptions): SigningWindow {
  const own = session.fromPartition(PARTITION);
  lockSession(own);
  serveAppScheme(own, SIGNING_ORIGIN, pageDir);
  let current: BrowserWindow | null = null;

  function make(): BrowserWindow {
    const window = new BrowserWindow({
      width: 620,
      height: 860,
      minWidth: 480,
      minHeight: 480,
      show: false,
      autoHideMenuBar: true,
      title: 'Sign · Butterfly',
      webPreferences: { ...lockedWebPreferences(preload), session: own },
    });
    // Pictures of it are black on Windows and macOS; Linux has nothing of the kind.
    window.setContentProtection(true);
    lockContents(window.webContents, SIGNING_ORIGIN);
    const closePort = servePagePort(window.webContents, door, SIGNING_ORIGIN);
    window.once('ready-to-show', () => window.show());
    window.once('closed', () => {
      closePort();
      if (current !== window) return;
      current = null;
      closed();
    });
    return window;
  }

  return {
    async open() {
      if (current && !current.isDestroyed()) {
        current.show();
        current.focus();
        return null;
      }
      current = make();
      await current.loadURL(`${SIGNING_ORIGIN}/index.html`);
      return null;
    },
    stop() {
      if (current && !current.isDestroyed()) current.destroy();
    },
  };
}
