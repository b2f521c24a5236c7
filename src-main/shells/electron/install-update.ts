import { app } from 'electron';
import type { AppUpdater } from 'electron-updater';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Installer } from '../../host.ts';
import { installFault } from './install-faults.ts';
import { demandRoom, mayReplace } from './install-place.ts';
import { ownAppImage, relaunchAtEnd } from './relaunch.ts';

export interface InstallerOptions {
  /** Ends the app in order, and does something as the last thing. */
  endWith(act: () => void): void;
  /** Of what fails when the app has ended already. */
  told(error: AppError): void;
}

/**
 * Installs what the host fetched and verified. electron-updater is told of an address of this computer alone: it takes the
 * file over from there, checks the signed digest again, and puts the file in place once everything has stopped.
 */
export function appInstaller({ endWith, told }: InstallerOptions): Installer {
  const { way, target } = installation(process.platform, process.arch);
  return {
    way,
    target,
    async take(address, version) {
      const appImage = ownAppImage();
      const place = appImage ?? process.execPath;
      const failed = (thrown: unknown) => installFault(thrown, { version, place });
      try {
        if (appImage) await mayReplace(appImage);
        const { updater, fetched } = await takeOver(address, version);
        if (appImage) await demandRoom(appImage, fetched);
        return () => endWith(() => installOrComeBack(updater, (thrown) => told(failed(thrown))));
      } catch (thrown) {
        throw failed(thrown);
      }
    },
  };
}

/** @returns where the file lies that electron-updater fetched */
async function takeOver(address: string, version: string): Promise<{ updater: AppUpdater; fetched: string }> {
  // Read when it is needed: it asks Electron for the app's own name and version at once.
  const { default: library } = await import('electron-updater');
  const updater = library.autoUpdater;
  Object.assign(updater, {
    ...{ autoDownload: false, autoInstallOnAppQuit: false, allowDowngrade: false },
    disableDifferentialDownload: true,
    logger: null,
  });
  updater.setFeedURL({ provider: 'generic', url: address });
  const found = await updater.checkForUpdates();
  if (found?.updateInfo.version !== version)
    throw new AppError('UPDATE_HAND_OVER_FAILED', { version, why: 'another version was found' });
  const [fetched = ''] = await updater.downloadUpdate();
  return { updater, fetched };
}

/**
 * The last thing of all. What fails here is told by an event alone, and leaves an app without windows: it starts once
 * more as it was, and its next start says that this is no other version.
 */
function installOrComeBack(updater: AppUpdater, failed: (thrown: unknown) => void): void {
  updater.once('error', (thrown) => {
    failed(thrown);
    relaunchAtEnd();
    app.exit(1);
  });
  updater.quitAndInstall(true, true);
}

/** How the app that runs was installed. */
function installation(platform: string, arch: string): Pick<Installer, 'way' | 'target'> {
  if (!app.isPackaged) return { way: 'source', target: null };
  if (platform === 'linux' && !ownAppImage()) return { way: 'package', target: null };
  const targets: Readonly<Record<string, Installer['target']>> = {
    'linux x64': 'linux-x64-appimage',
    'linux arm64': 'linux-arm64-appimage',
    'win32 x64': 'win32-x64-nsis',
    'darwin x64': 'darwin-x64-zip',
    'darwin arm64': 'darwin-arm64-zip',
  };
  const target = targets[`${platform} ${arch}`] ?? null;
  return { way: target ? 'app' : 'package', target };
}
