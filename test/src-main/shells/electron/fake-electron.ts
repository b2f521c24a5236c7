import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { vi } from 'vitest';

/** What was done to `electron`, and what a test makes it say. Reset before each test. */
export const electron = {
  calls: [] as string[],
  windows: [] as BrowserWindow[],
  handlers: {} as Record<string, (...args: never[]) => unknown>,
  opened: [] as string[],
  stored: {} as Record<string, unknown>,
  menus: [] as MenuItem[][],
  pictures: [] as string[],
  tooltips: [] as string[],
  notifications: [] as Notification[],
  asked: [] as Record<string, unknown>[],
  /** What a person answers to the next question. */
  answer: { response: 2, checkboxChecked: false },
  /** The file that a person picks; null: none. */
  chosen: null as string | null,
  power: { onBattery: false, idleSeconds: 7, blockers: new Set<number>() },
  login: { openAtLogin: false, executableWillLaunchAtLogin: true, set: [] as unknown[] },
  keychain: { isAvailable: true, backend: 'gnome_libsecret', isStale: false },
  isOnly: true,
  /** What a start said to the app that has the lock. */
  saidToRunning: undefined as unknown,
  paths: { userData: '/user-data' } as Record<string, string>,
};

export interface MenuItem {
  readonly type?: string;
  readonly label?: string;
  readonly enabled?: boolean;
  readonly submenu?: MenuItem[];
  click?(): void;
}

export function resetElectron(): void {
  for (const list of [
    electron.calls,
    electron.windows,
    electron.opened,
    electron.menus,
    electron.pictures,
    electron.tooltips,
    electron.notifications,
    electron.asked,
  ])
    list.length = 0;
  electron.answer = { response: 2, checkboxChecked: false };
  electron.chosen = null;
  electron.power = { onBattery: false, idleSeconds: 7, blockers: new Set() };
  electron.login = { openAtLogin: false, executableWillLaunchAtLogin: true, set: [] };
  electron.keychain = { isAvailable: true, backend: 'gnome_libsecret', isStale: false };
  electron.isOnly = true;
  electron.paths = { userData: '/user-data' };
  for (const emitter of [app, ipcMain, powerMonitor]) emitter.removeAllListeners();
}

const call = (name: string) => () => void electron.calls.push(name);
const handler = (name: string) => (value: (...args: never[]) => unknown) => {
  electron.handlers[name] = value;
};

export const app = Object.assign(new EventEmitter(), {
  isPackaged: true,
  enableSandbox: call('enableSandbox'),
  disableHardwareAcceleration: call('disableHardwareAcceleration'),
  whenReady: async () => {},
  quit: call('quit'),
  exit: call('exit'),
  relaunch: call('relaunch'),
  getPath: (name: string) => electron.paths[name] ?? '',
  setPath: (name: string, path: string) => {
    electron.paths[name] = path;
  },
  requestSingleInstanceLock: (said: unknown) => {
    electron.saidToRunning = said;
    return electron.isOnly;
  },
  getLoginItemSettings: () => electron.login,
  setLoginItemSettings: (settings: { openAtLogin: boolean }) => {
    electron.login.set.push(settings);
    electron.login.openAtLogin = settings.openAtLogin;
  },
});
export const ipcMain = new EventEmitter();
/** A keychain that turns texts round, which nobody mistakes for the text. */
export const safeStorage = {
  isAsyncEncryptionAvailable: async () => electron.keychain.isAvailable,
  getSelectedStorageBackend: () => electron.keychain.backend,
  encryptStringAsync: async (text: string) => Buffer.from([...text].reverse().join('')),
  decryptStringAsync: async (locked: Buffer) => ({
    result: [...locked.toString()].reverse().join(''),
    shouldReEncrypt: electron.keychain.isStale,
  }),
};

export const powerMonitor = Object.assign(new EventEmitter(), {
  isOnBatteryPower: () => electron.power.onBattery,
  getSystemIdleTime: () => electron.power.idleSeconds,
});
export const powerSaveBlocker = {
  start(kind: string) {
    electron.calls.push(`blocks ${kind}`);
    electron.power.blockers.add(1);
    return 1;
  },
  stop: (id: number) => void electron.power.blockers.delete(id),
};
export const dialog = {
  async showMessageBox(_window: unknown, options: Record<string, unknown>) {
    electron.asked.push(options);
    return electron.answer;
  },
  async showSaveDialog(options: Record<string, unknown>) {
    electron.asked.push(options);
    return { canceled: electron.chosen === null, filePath: electron.chosen ?? '' };
  },
  async showOpenDialog(options: Record<string, unknown>) {
    electron.asked.push(options);
    return {
      canceled: electron.chosen === null,
      filePaths: electron.chosen === null ? [] : [electron.chosen],
    };
  },
  showErrorBox: (title: string, text: string) => void electron.calls.push(`${title} ${text}`),
};
export const shell = { openExternal: async (url: string) => void electron.opened.push(url) };
export const protocol = { registerSchemesAsPrivileged: call('registerSchemes') };
const sessionOf = (prefix: string) => ({
  prefix,
  setPermissionRequestHandler: handler(`${prefix}request`),
  setPermissionCheckHandler: handler(`${prefix}check`),
  setDevicePermissionHandler: handler(`${prefix}device`),
  protocol: {
    handle: (_scheme: string, value: (request: Request) => unknown) =>
      handler(`${prefix}scheme`)(value as never),
  },
});
export const session = {
  defaultSession: sessionOf(''),
  fromPartition: (name: string) => sessionOf(`${name}.`),
};

class WebContents extends EventEmitter {
  mainFrame = { origin: '', url: '', postMessage: vi.fn() };
  setWindowOpenHandler = handler('open');
  reload = call('reload');
}

export class BrowserWindow extends EventEmitter {
  static getAllWindows = () => electron.windows.filter(({ destroyed }) => !destroyed);
  webContents = new WebContents();
  destroyed = false;
  isProtected = false;
  shown = 0;
  visible = false;
  minimized = false;
  options: Record<string, unknown>;
  constructor(options: Record<string, unknown>) {
    super();
    this.options = options;
    electron.windows.push(this);
  }
  async loadURL(url: string) {
    electron.opened.push(url);
    Object.assign(this.webContents.mainFrame, { url, origin: url.replace('/index.html', '') });
  }
  setContentProtection(isOn: boolean) {
    this.isProtected = isOn;
  }
  show() {
    this.shown++;
    this.visible = true;
    this.emit('show');
  }
  minimize() {
    this.minimized = true;
  }
  hide() {
    this.visible = false;
  }
  focus() {}
  restore() {
    this.minimized = false;
    this.emit('restore');
  }
  maximize = call('maximize');
  isVisible = () => this.visible;
  isFocused = () => this.visible;
  isMinimized = () => this.minimized;
  isMaximized = () => true;
  getNormalBounds = () => ({ x: 1, y: 2, width: 900, height: 700 });
  isDestroyed = () => this.destroyed;
  destroy() {
    this.destroyed = true;
    this.emit('closed');
  }
}

export class Tray extends EventEmitter {
  setImage = (image: { path: string }) => void electron.pictures.push(image.path);
  setToolTip = (text: string) => void electron.tooltips.push(text);
  setContextMenu = (menu: MenuItem[]) => void electron.menus.push(menu);
  destroy = call('tray destroyed');
}
export const Menu = { buildFromTemplate: (items: MenuItem[]) => items };
export const nativeImage = {
  createFromPath: (path: string) => ({ path, setTemplateImage: () => {} }),
};
export class Notification extends EventEmitter {
  static isSupported = () => true;
  options: { title: string; body: string };
  constructor(options: { title: string; body: string }) {
    super();
    this.options = options;
  }
  show() {
    electron.notifications.push(this);
  }
}

/** Electron's ports wrap what arrives in an event; those of Node do not. */
export class MessageChannelMain {
  port1;
  port2;
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port2 = port2;
    this.port1 = Object.assign(new EventEmitter(), {
      postMessage: (message: unknown) => port1.postMessage(message),
      start: () => port1.on('message', (data: unknown) => void this.port1.emit('message', { data })),
      close: () => port1.close(),
    });
  }
}
