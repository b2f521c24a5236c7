import { fileURLToPath } from 'node:url';
import { stopStack } from '../src-node/stop-stack.ts';
import { beginWork, type HostCommand } from './entry/begin-work.ts';
import { letTerminalsAsk } from './entry/let-terminals-ask.ts';
import { openMetrics } from './entry/open-metrics.ts';
import { tell, wantsLog } from './entry/tell.ts';
import { printError } from './entry/terminal.ts';
import { windowedOrExit } from './entry/windowed.ts';
import { pageDir, signingDir } from './entry-path.ts';
import { pageDoor, signingDoor, startHost } from './host.ts';
import { peekSettings } from './settings/settings-file.ts';
import {
  appWords,
  endApp,
  endAppWith,
  prepareElectron,
  quitAfter,
  showStartFailure,
  startElectronShell,
} from './shells/electron/electron-shell.ts';
import { appInstaller } from './shells/electron/install-update.ts';

/** Electron's entry: the host in the main process, and one window on it. Built beside its preload script. */
const { command, config } = windowedOrExit(appWords());
prepareElectron(await peekSettings(config.dataDir));
// Not awaited: the app becomes ready only when this module has run to its end.
void run(command);

async function run(asked: HostCommand): Promise<void> {
  const started = stopStack({ onProblem: (_name, problem) => tell(problem) });
  quitAfter(() => {
    printError('Stopping: the state is saved.');
    return started.stop();
  });
  try {
    const host = await startHost({
      ...config,
      shell: 'electron',
      extraEnv: {},
      installer: appInstaller(endAppWith),
      echoLog: wantsLog(),
      askToEnd: endApp,
    });
    started.push('host', () => host.stop());
    const door = await letTerminalsAsk(host, endApp);
    started.push('control door', () => door?.stop());
    const metrics = await openMetrics(host, asked.said.metricsPort);
    started.push('metrics', () => metrics?.stop());
    const shell = await startElectronShell(pageDoor(host), {
      pageDir: pageDir(),
      signing: { door: signingDoor(host), pageDir: signingDir(), closed: host.signing.closed },
      preload: fileURLToPath(new URL('./preload.cjs', import.meta.url)),
      dataDir: host.dataDir,
      notice: host.notice,
    });
    started.push('window', () => shell.stop());
    host.opensSigning(() => shell.openSigning());
    void beginWork(host, asked).catch(() => undefined);
  } catch (thrown) {
    showStartFailure(thrown);
  }
}
