import { app } from 'electron';
import type { Installer } from '../../host.ts';

/** Where an AppImage says of itself that it is one. A deb has no such thing, and dpkg alone may replace its files. */
const isAppImage = (): boolean => Boolean(process.env.APPIMAGE);

/**
 * Installs what the host fetched and verified. electron-updater is told of an address of this computer alone: it takes the
 * file over from there, checks the signed digest again, and puts the file in place once everything has stopped.
 * @param endWith ends the app in order, and does something as the last thing
 */
export function appInstaller(endWith: (act: () => void) => void): Installer {
  const { way, target } = installation(process.platform, process.arch);
  return {
    way,
    target,
    async take(address, version) {
      // Read when it is needed: it asks Electron for the app's own name and version at once.
      const { default: updater } = await import('electron-updater');
      const { autoUpdater } = updater;
      Object.assign(autoUpdater, {
        ...{ autoDownload: false, autoInstallOnAppQuit: false, allowDowngrade: false },
        disableDifferentialDownload: true,
        logger: null,
      });
      autoUpdater.setFeedURL({ provider: 'generic', url: address });
      const found = await autoUpdater.checkForUpdates();
      if (found?.updateInfo.version !== version) throw new Error('the installer found another version');
      await autoUpdater.downloadUpdate();
      return () => endWith(() => autoUpdater.quitAndInstall(true, true));
    },
  };
}

/** How the app that runs was installed. */
function installation(platform: string, arch: string): Pick<Installer, 'way' | 'target'> {
  if (!app.isPackaged) return { way: 'source', target: null };
  if (platform === 'linux' && !isAppImage()) return { way: 'package', target: null };
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
