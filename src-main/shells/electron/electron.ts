import { fileURLToPath } from 'node:url';
import { app, dialog } from 'electron';
import { stopStack } from '../../../src-node/stop-stack.ts';
import { describeError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { defaultDataDir } from '../../data-folder.ts';
import { pageDir } from '../../entry-path.ts';
import { startHost } from '../../host.ts';
import { adversaryOf, optionsOrExit } from '../../options.ts';
import { peekSettings } from '../../settings/settings-file.ts';
import { prepareElectron, quitAfter, startElectronShell } from './electron-shell.ts';

/** Electron's entry: the host in the main process, and one window on it. Built beside its preload script. */
const options = optionsOrExit(process.argv.slice(app.isPackaged ? 1 : 2));
const dataDir = options.dataDir ?? defaultDataDir();
prepareElectron(await peekSettings(dataDir));
// Not awaited: the app becomes ready only when this module has run to its end.
void run();

async function run(): Promise<void> {
  const started = stopStack({ onProblem: (name, problem) => console.error(name, problem) });
  quitAfter(started.stop);
  try {
    const host = await startHost({
      dataDir,
      shell: 'electron',
      adversary: adversaryOf(options),
      echoLog: process.env.BUTTERFLY_LOG !== undefined,
    });
    started.push('host', () => host.stop());
    const shell = await startElectronShell(
      { api: host.api, connect: host.connect, onProblem: host.noteProblem },
      { pageDir: pageDir(), preload: fileURLToPath(new URL('./preload.cjs', import.meta.url)), dataDir },
    );
    started.push('window', () => shell.stop());
    void (options.practice ? host.practice() : host.resumeChosen()).catch(() => undefined);
  } catch (thrown) {
    const { sentence, action } = describeError(toCodedError(thrown));
    dialog.showErrorBox(sentence, action);
    app.quit();
  }
}
