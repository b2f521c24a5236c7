import { fileURLToPath } from 'node:url';
import { askThroughProxies } from '../src-node/own-proxies.ts';
import { stopStack } from '../src-node/stop-stack.ts';
import { callProgram } from '../src-shared/program-name.ts';
import { defaultSettings } from '../src-shared/settings.ts';
import { programOf } from './commands/program.ts';
import { defaultDataDir } from './data-folder.ts';
import { beginWork, offerFile } from './entry/begin-work.ts';
import { outliveTerminal } from './entry/ending.ts';
import { letTerminalsAsk } from './entry/let-terminals-ask.ts';
import { openMetrics } from './entry/open-metrics.ts';
import { tell, wantsLog } from './entry/tell.ts';
import { printError } from './entry/terminal.ts';
import { tryApp } from './entry/try-app.ts';
import { type Windowed, windowedOrExit } from './entry/windowed.ts';
import { pageDir, picturesDir, signingDir } from './entry-path.ts';
import { pageDoor, signingDoor, startHost } from './host.ts';
import { peekSettings } from './settings/settings-file.ts';
import { chooseFile } from './shells/electron/choose-file.ts';
import {
  appWords,
  isInstalled,
  prepareElectron,
  showStartFailure,
  startElectronShell,
} from './shells/electron/electron-shell.ts';
import { appInstaller } from './shells/electron/install-update.ts';
import { systemKeychain } from './shells/electron/keychain.ts';
import { type OpenedFiles, openedFiles } from './shells/electron/opened-files.ts';
import { SELF_TEST } from './shells/electron/own-words.ts';
import { endApp, endAppWith, leaveWith, quitAfter, restartApp } from './shells/electron/quitting.ts';
import { isOnlyInstance } from './shells/electron/single-instance.ts';

/** Electron's entry: the host in the main process, and one window on it. Built beside its preload script. */
const preload = fileURLToPath(new URL('./preload.cjs', import.meta.url));
outliveTerminal();
askThroughProxies(process.env);
// One that is installed comes with its own command, whatever opened it.
callProgram(isInstalled() ? 'butterfly' : programOf(process.env));
// What is begun here is not awaited: the app becomes ready only when this module has run to its end.
if (process.argv.includes(SELF_TEST)) {
  prepareElectron(defaultSettings);
  void tryApp(preload).then(leaveWith);
} else {
  const windowed = windowedOrExit(appWords());
  const { command, config } = windowed;
  const isUsual = command.said.dataDir === null || config.dataDir === defaultDataDir();
  const file = command.name === 'open' ? command.said.file : null;
  if (isOnlyInstance(config.dataDir, isUsual, file === null ? {} : { file })) {
    const opened = openedFiles();
    prepareElectron(await peekSettings(config.dataDir));
    void run(windowed, isUsual, opened);
  } else {
    printError('Butterfly runs already on this data folder: its window comes to the front.');
    leaveWith(0);
  }
}

async function run({ command, config }: Windowed, isUsual: boolean, opened: OpenedFiles): Promise<void> {
  const started = stopStack({ onProblem: (_name, problem) => tell(problem) });
  let isEnding = false;
  quitAfter(() => {
    isEnding = true;
    printError('Stopping: the state is saved.');
    return started.stop();
  });
  // What nobody caught is told and ends the app in order; Electron alone would show its stack and go on without it.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (thrown: unknown) => {
      tell(thrown);
      endApp();
    });
  try {
    const host = await startHost({
      ...config,
      shell: 'electron',
      extraEnv: {},
      installer: appInstaller({ endWith: endAppWith, told: tell }),
      keychain: systemKeychain,
      echoLog: wantsLog(),
      askToEnd: endApp,
      askToRestart: restartApp,
    });
    started.push('host', () => host.stop());
    const door = await letTerminalsAsk(host, endApp);
    started.push('control door', () => door?.stop());
    const metrics = await openMetrics(host, command.said.metricsPort);
    started.push('metrics', () => metrics?.stop());
    const options = {
      host,
      page: { door: pageDoor(host), folder: pageDir() },
      signing: { door: signingDoor(host), pageDir: signingDir(), closed: host.signing.closed },
      preload,
      pictures: picturesDir(),
      loginWords: isUsual ? [] : ['--data-dir', config.dataDir],
    };
    const shell = await startElectronShell(options, started);
    host.opensSigning(() => shell.openSigning());
    host.choosesFiles(chooseFile);
    void beginWork(host, command).catch(() => undefined);
    opened.serve((path) => {
      shell.show();
      void offerFile(host, path);
    });
  } catch (thrown) {
    // Whoever quits while it starts has no use for a reason.
    if (!isEnding) showStartFailure(thrown);
  }
}
