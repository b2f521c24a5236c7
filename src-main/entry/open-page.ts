import { pageDir } from '../entry-path.ts';
import type { Host } from '../host.ts';
import { openInBrowser } from '../shells/web/open-browser.ts';
import { startWebShell, type WebShell } from '../shells/web/web-shell.ts';

import { print } from './terminal.ts';

export interface PageChoice {
  readonly port: number | null;
  readonly noOpen: boolean;
}

/** Serves the page, opens it in a browser where that is wanted, and says how to get in. */
export async function openPage(host: Host, { port, noOpen }: PageChoice): Promise<WebShell> {
  const shell = await startWebShell({
    port: port ?? 0,
    pageDir: pageDir(),
    dataDir: host.dataDir,
    api: host.api,
    connect: host.connect,
    onProblem: host.noteProblem,
  });
  const opened = !noOpen && (await openInBrowser(shell.redirectFile));
  print(`Butterfly runs at ${shell.address}`);
  // The address alone opens nothing: the file holds the key, and only this user can read it.
  print(
    opened
      ? 'Your browser shows it. Press Ctrl+C here to stop.'
      : `Open this file in a browser: ${shell.redirectFile}`,
  );
  return shell;
}
