import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appInstaller } from '../../../../src-main/shells/electron/install-update.ts';

const electron = vi.hoisted(() => ({
  app: { isPackaged: true },
  found: '0.2.0',
  said: [] as unknown[],
  updater: {} as Record<string, unknown>,
}));
vi.mock('electron', () => ({ app: electron.app }));
vi.mock('electron-updater', () => {
  const autoUpdater = Object.assign(electron.updater, {
    setFeedURL: (feed: unknown) => electron.said.push(feed),
    checkForUpdates: async () => ({ updateInfo: { version: electron.found } }),
    downloadUpdate: async () => electron.said.push('download'),
    quitAndInstall: (...how: unknown[]) => electron.said.push(['install', ...how]),
  });
  return { default: { autoUpdater } };
});

const { platform, arch } = process;
const on = (system: string, processor = 'x64') => {
  Object.defineProperty(process, 'platform', { value: system });
  Object.defineProperty(process, 'arch', { value: processor });
};
const { signal } = new AbortController();
beforeEach(() => {
  Object.assign(electron, { found: '0.2.0' });
  electron.app.isPackaged = true;
  electron.said.splice(0);
});
afterEach(() => {
  on(platform, arch);
  vi.unstubAllEnvs();
});

describe('the way to another version', () => {
  it.each([
    ['linux', 'x64', '/opt/Butterfly.AppImage', 'app', 'linux-x64-appimage'],
    ['linux', 'x64', '', 'package', null],
    ['win32', 'x64', '', 'app', 'win32-x64-nsis'],
    ['darwin', 'arm64', '', 'app', 'darwin-arm64-zip'],
    ['win32', 'arm64', '', 'package', null],
  ])('of %s %s (AppImage: “%s”) is %s', (system, processor, appImage, way, target) => {
    vi.stubEnv('APPIMAGE', appImage);
    on(system, processor);
    expect(appInstaller(() => undefined)).toMatchObject({ way, target });
  });

  it('of an app that runs from its sources is other sources', () => {
    electron.app.isPackaged = false;
    expect(appInstaller(() => undefined)).toMatchObject({ way: 'source', target: null });
  });
});

describe('the installer', () => {
  const take = (endWith: (act: () => void) => void = () => undefined) => {
    on('win32');
    return appInstaller(endWith).take('http://127.0.0.1:1/secret', '0.2.0', signal);
  };

  it('asks this computer alone, does nothing by itself, and installs as the last thing', async () => {
    const ends: (() => void)[] = [];
    const finish = await take((act) => ends.push(act));
    expect(electron.said).toEqual([{ provider: 'generic', url: 'http://127.0.0.1:1/secret' }, 'download']);
    expect(electron.updater).toMatchObject({
      ...{
        autoDownload: false,
        autoInstallOnAppQuit: false,
        allowDowngrade: false,
        disableDifferentialDownload: true,
      },
    });
    finish();
    expect(electron.said).toHaveLength(2);
    ends[0]?.();
    expect(electron.said.at(-1)).toEqual(['install', true, true]);
  });

  it('takes no other version over', async () => {
    electron.found = '0.1.9';
    await expect(take()).rejects.toThrow('another version');
    expect(electron.said).not.toContain('download');
  });
});
