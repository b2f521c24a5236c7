import { join } from 'node:path';
import { app, dialog, session } from 'electron';
import type { StopStack } from '../../../src-node/stop-stack.ts';
import { describeError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import type { SettingValues } from '../../../src-shared/settings.ts';
import type { Host } from '../../host.ts';
import type { PageDoor } from '../page-rpc.ts';
import { APP_ORIGIN, registerAppScheme, serveAppScheme } from './app-scheme.ts';
import { chooseClose } from './close-choice.ts';
import { followView } from './host-view.ts';
import { keepAwake } from './keep-awake.ts';
import { lockSession } from './lockdown.ts';
import { loginItem } from './login-item.ts';
import { openMainWindow } from './main-window.ts';
import { showNews } from './news.ts';
import { IN_TRAY, ownWords } from './own-words.ts';
import { tellProcessesGone } from './processes-gone.ts';
import { quitOnShutdown } from './quitting.ts';
import { type SigningWindowOptions, signingWindow } from './signing-window.ts';
import { onStartedAgain } from './single-instance.ts';
import { tellSystemSignals } from './system-signals.ts';
import { actOnRuns } from './tray/act.ts';
import type { TrayAct } from './tray/menu.ts';
import { showTray } from './tray/tray.ts';

export type ShellHost = Pick<
  Host,
  'api' | 'observe' | 'desk' | 'offersLoginStart' | 'dataDir' | 'notice' | 'noteProblem'
>;

export interface ElectronShellOptions {
  readonly host: ShellHost;
  readonly page: { readonly door: PageDoor; readonly folder: string };
  readonly signing: Omit<SigningWindowOptions, 'preload'>;
  /** The built preload script: one CommonJS file, because a sandboxed preload can be nothing else. */
  readonly preload: string;
  /** Folder of the pictures of window and tray. */
  readonly pictures: string;
  /** What a start with the computer is to say, beside that it begins in the tray. */
  readonly loginWords: readonly string[];
}

/**
 * What has to happen before the app is ready: sandbox, scheme, and no hardware acceleration unless asked for, because
 * a window drawn by the graphics card takes hundreds of MB of the memory that training needs.
 */
export function prepareElectron(settings: Pick<SettingValues, 'window.acceleration'>): void {
  app.enableSandbox();
  registerAppScheme();
  if (!settings['window.acceleration']) app.disableHardwareAcceleration();
}

/** Whether this is an installed app, and not one that is run from its folder. */
export const isInstalled = (): boolean => app.isPackaged;

/** What of the command line is meant for the app. */
export const appWords = (): string[] => ownWords(process.argv, { isPackaged: app.isPackaged });

export interface ElectronShell {
  /** Opens the signing window, or brings it to the front. */
  openSigning(): Promise<null>;
  /** Brings the window to the front. */
  show(): void;
}

/**
 * Opens window and tray on a running host.
 * @param started where each part is put as it starts, so that an end in between stops what is there
 */
export async function startElectronShell(
  options: ElectronShellOptions,
  started: Pick<StopStack, 'push'>,
): Promise<ElectronShell> {
  const { host, page, preload } = options;
  await app.whenReady();
  const view = await followView(host);
  started.push('view', () => view.stop());
  lockSession(session.defaultSession);
  serveAppScheme(session.defaultSession, APP_ORIGIN, page.folder);
  const signing = signingWindow({ ...options.signing, preload });
  started.push('signing window', () => signing.stop());
  const window = await openMainWindow({
    ...{ door: page.door, preload, dataDir: host.dataDir, notice: host.notice },
    icon: join(options.pictures, 'icon.png'),
    startsHidden: process.argv.includes(IN_TRAY),
    async chooseClose(closing) {
      const { choice, holds } = await chooseClose(closing, view.now.settings['window.close']);
      if (holds && choice !== 'stay')
        await host.api.setSetting('window.close', choice).catch(host.noteProblem);
      return choice;
    },
  });
  started.push('window', () => window.stop());
  // What it signs for is gone; alone it would keep the app running.
  window.onGone(() => signing.stop());

  function act(asked: TrayAct): void {
    if (asked.kind === 'open') window.show();
    else if (asked.kind === 'quit') app.quit();
    else void actOnRuns(host.api, view.now.runs, asked, Date.now()).catch(host.noteProblem);
  }

  started.push('tray', showTray({ view, pictures: options.pictures, act }));
  started.push('signals of the system', tellSystemSignals(host.desk.tell));
  started.push('keeping awake', keepAwake(view));
  started.push('news', showNews({ view, isLookedAt: () => window.isInFront, open: () => window.show() }));
  started.push('processes', tellProcessesGone(host.notice));
  onStartedAgain(() => window.show());
  quitOnShutdown();
  const item = loginItem(options.loginWords);
  if (item) host.offersLoginStart(item);
  return { openSigning: () => signing.open(), show: () => window.show() };
}

/** Says why there is no window, and ends. */
export function showStartFailure(thrown: unknown): void {
  const { sentence, action } = describeError(toCodedError(thrown));
  dialog.showErrorBox(sentence, action);
  app.quit();
}
