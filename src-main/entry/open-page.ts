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
  const serve = (at: number | null) =>
    startWebShell({
      port: at,
      pageDir: pageDir(),
      dataDir: host.dataDir,
      api: host.api,
      connect: host.connect,
      onProblem: host.noteProblem,
    });
  const chosen = (await host.api.view()).settings['window.port'] || null;
  // A setting that cannot be had is told on the page, which is where it is changed.
  const shell = await serve(port ?? chosen).catch((thrown: unknown) => {
    if (port !== null || chosen === null) throw thrown;
    host.noteProblem(thrown);
    return serve(null);
  });
  const opened = !noOpen && (await openInBrowser(shell.redirectFile));
  if (shell.movedFrom !== null)
    print(`Another program has port ${shell.movedFrom} now, so the address is a new one.`);
  // A terminal is its user's; what is written anywhere else may be kept and read by others, so it gets no token.
  print(`Butterfly runs at ${process.stdout.isTTY ? shell.terminalUrl : shell.address}`);
  print(
    opened
      ? 'Your browser shows it. Press Ctrl+C here to stop.'
      : `Open this file in a browser: ${shell.redirectFile}`,
  );
  return shell;
}
