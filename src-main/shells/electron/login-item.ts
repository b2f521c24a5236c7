import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { app } from 'electron';
import { replaceFile } from '../../../src-node/durable.ts';
import { readTextBounded } from '../../../src-node/read-bounded.ts';
import type { Host } from '../../host.ts';
import { autostartEntry, isOnEntry } from './autostart-entry.ts';
import { IN_TRAY } from './own-words.ts';

type LoginItem = Parameters<Host['offersLoginStart']>[0];

const ENTRY_BYTES = 65_536;

/**
 * The system's entry that starts this app at login: an autostart file of the desktop on Linux, the login item
 * elsewhere. One that is run from its folder has none.
 * @param words what it is started with, beside the word for the tray
 */
export function loginItem(words: readonly string[]): LoginItem | null {
  if (!app.isPackaged) return null;
  const args = [...words, IN_TRAY];
  return process.platform === 'linux' ? autostartFile(args) : systemItem(args);
}

function systemItem(args: string[]): LoginItem {
  return {
    async read() {
      const found = app.getLoginItemSettings({ args });
      // Windows keeps an entry that its user turned off in the Task Manager.
      return found.openAtLogin && (process.platform !== 'win32' || found.executableWillLaunchAtLogin);
    },
    write: async (isOn) => app.setLoginItemSettings({ openAtLogin: isOn, args }),
  };
}

function autostartFile(args: readonly string[]): LoginItem {
  const config = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
  const path = join(config, 'autostart', 'butterfly.desktop');
  // An AppImage runs from a mount that is gone after it.
  const program = process.env.APPIMAGE || process.execPath;
  return {
    read: async () => isOnEntry((await readTextBounded(path, ENTRY_BYTES)) ?? ''),
    async write(isOn) {
      if (!isOn) return rm(path, { force: true });
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, autostartEntry(program, args), 0o644);
    },
  };
}
