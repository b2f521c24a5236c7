import { pageDir, signingDir } from '../entry-path.ts';
import { type Host, pageDoor, signingDoor } from '../host.ts';
import { openInBrowser } from '../shells/web/open-browser.ts';
import { serveSigning } from '../shells/web/signing-origin.ts';
import { startWebShell, type WebShell } from '../shells/web/web-shell.ts';
import { print } from './terminal.ts';

export interface PageChoice {
  readonly port: number | null;
  readonly noOpen: boolean;
}

export interface OpenPages {
  /** Of the page. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves the page and the signing window, opens the page in a browser where that is wanted, and says how to get in. */
export async function openPage(host: Host, choice: PageChoice): Promise<OpenPages> {
  const shell = await servePage(host, choice.port);
  const signing = await serveSigning({
    door: signingDoor(host),
    pageDir: signingDir(),
    pagePort: shell.port,
  }).catch(async (thrown: unknown) => {
    await shell.stop();
    throw thrown;
  });
  host.opensSigning(async () => signing.open());
  const opened = !choice.noOpen && (await openInBrowser(shell.redirectFile));
  if (shell.movedFrom !== null)
    print(`Another program has port ${shell.movedFrom} now, so the address is a new one.`);
  // A terminal is its user's; what is written anywhere else may be kept and read by others, so it gets no token.
  print(`Butterfly runs at ${process.stdout.isTTY ? shell.terminalUrl : shell.address}`);
  print(
    opened
      ? 'Your browser shows it. Press Ctrl+C here to stop.'
      : `Open this file in a browser: ${shell.redirectFile}`,
  );
  return {
    port: shell.port,
    async stop() {
      await signing.stop();
      await shell.stop();
    },
  };
}

async function servePage(host: Host, port: number | null): Promise<WebShell> {
  const { dataDir } = host;
  const serve = (at: number | null) =>
    startWebShell({ port: at, pageDir: pageDir(), dataDir, ...pageDoor(host) });
  const chosen = (await host.api.view()).settings['window.port'] || null;
  // A setting that cannot be had is told on the page, which is where it is changed.
  return serve(port ?? chosen).catch((thrown: unknown) => {
    if (port !== null || chosen === null) throw thrown;
    host.noteProblem(thrown);
    return serve(null);
  });
}
