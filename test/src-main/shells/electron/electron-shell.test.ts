import type { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { createBirpc } from 'birpc';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ElectronShell } from '../../../../src-main/shells/electron/electron-shell.ts';
import type { HostApi, UiApi } from '../../../../src-shared/contract/page/api.ts';
import { hostApiArguments } from '../../../../src-shared/contract/page/arguments.ts';
import { signingApiArguments } from '../../../../src-shared/contract/signing.ts';
import { emptyView, type FakeHost, fakeHost } from '../../../fakes/host-api.ts';

const electron = vi.hoisted(() => ({
  calls: [] as string[],
  windows: [] as {
    options: Record<string, unknown>;
    webContents: unknown;
    destroyed: boolean;
    isProtected: boolean;
    shown: number;
  }[],
  handlers: {} as Record<string, (...args: never[]) => unknown>,
  opened: [] as string[],
  stored: {} as Record<string, unknown>,
  told: [] as string[],
  ipc: null as unknown as EventEmitter,
  app: null as unknown as EventEmitter,
}));

vi.mock('electron', async () => {
  const { EventEmitter } = await import('node:events');
  const { MessageChannel } = await import('node:worker_threads');
  electron.ipc = new EventEmitter();
  const call = (name: string) => () => void electron.calls.push(name);
  electron.app = Object.assign(new EventEmitter(), {
    enableSandbox: call('enableSandbox'),
    disableHardwareAcceleration: call('disableHardwareAcceleration'),
    whenReady: async () => {},
    quit: call('quit'),
  });
  const handler = (name: string) => (value: (...args: never[]) => unknown) => {
    electron.handlers[name] = value;
  };
  const session = (prefix: string) => ({
    prefix,
    setPermissionRequestHandler: handler(`${prefix}request`),
    setPermissionCheckHandler: handler(`${prefix}check`),
    setDevicePermissionHandler: handler(`${prefix}device`),
    protocol: {
      handle: (_scheme: string, value: (request: Request) => unknown) =>
        handler(`${prefix}scheme`)(value as never),
    },
  });
  class WebContents extends EventEmitter {
    mainFrame = { origin: '', url: '', postMessage: vi.fn() };
    setWindowOpenHandler = handler('open');
  }
  class BrowserWindow extends EventEmitter {
    webContents = new WebContents();
    destroyed = false;
    options: Record<string, unknown>;
    constructor(options: Record<string, unknown>) {
      super();
      this.options = options;
      electron.windows.push(this);
    }
    isProtected = false;
    shown = 0;
    async loadURL(url: string) {
      electron.opened.push(url);
      Object.assign(this.webContents.mainFrame, { url, origin: url.replace('/index.html', '') });
    }
    setContentProtection(isOn: boolean) {
      this.isProtected = isOn;
    }
    show() {
      this.shown++;
    }
    focus() {}
    getNormalBounds = () => ({ x: 1, y: 2, width: 900, height: 700 });
    isDestroyed = () => this.destroyed;
    destroy() {
      this.destroyed = true;
      this.emit('closed');
    }
  }
  /** Electron's ports wrap what arrives in an event; those of Node do not. */
  class MessageChannelMain {
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
  return {
    app: electron.app,
    BrowserWindow,
    MessageChannelMain,
    ipcMain: electron.ipc,
    shell: { openExternal: async (url: string) => void electron.opened.push(url) },
    protocol: { registerSchemesAsPrivileged: call('registerSchemes') },
    session: { defaultSession: session(''), fromPartition: (name: string) => session(`${name}.`) },
  };
});
vi.mock('electron-store', () => ({
  default: class {
    set = (key: string, value: unknown) => {
      electron.stored[key] = value;
    };
  },
}));

const { prepareElectron, quitAfter, startElectronShell } = await import(
  '../../../../src-main/shells/electron/electron-shell.ts'
);

let folder = '';
let host: FakeHost;
let signer: FakeHost;
let shell: ElectronShell;

beforeEach(async () => {
  electron.calls.length = 0;
  electron.opened.length = 0;
  electron.windows.length = 0;
  electron.told.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'butterfly-electron-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Butterfly</title>');
  await mkdir(join(folder, 'signing'));
  await writeFile(join(folder, 'signing', 'index.html'), '<!doctype html><title>Sign</title>');
  host = fakeHost();
  signer = fakeHost();
  shell = await open();
});
afterEach(async () => {
  shell.stop();
  await rm(folder, { recursive: true });
});

const signingClosed = vi.fn();
function open(): Promise<ElectronShell> {
  return startElectronShell(
    { api: host.api, calls: hostApiArguments, connect: host.connect, onProblem: () => {} },
    {
      pageDir: folder,
      signing: {
        door: {
          ...{ api: { view: async () => 'the signing view' }, connect: signer.connect, onProblem: () => {} },
          calls: signingApiArguments,
        },
        pageDir: join(folder, 'signing'),
        closed: signingClosed,
      },
      preload: '/preload.cjs',
      dataDir: folder,
      notice: ({ code }) => void electron.told.push(code),
    },
  );
}

interface Frame {
  readonly origin: string;
  readonly url: string;
  readonly postMessage: ReturnType<typeof vi.fn>;
}
const contents = () => electron.windows[0]?.webContents as EventEmitter & { mainFrame: Frame };
const hello = (senderFrame: Frame | null, sender: unknown = contents()) =>
  electron.ipc.emit('butterfly.hello', { sender, senderFrame });

/** Says hello as our page and returns the page's end of the port. */
function portOfPage(): MessagePort {
  const { mainFrame } = contents();
  hello(mainFrame);
  return mainFrame.postMessage.mock.lastCall?.[2][0] as MessagePort;
}

function pageOn(port: MessagePort, ui: UiApi = { patch: () => {} }): HostApi {
  return createBirpc<HostApi, UiApi>(ui, {
    post: (message) => port.postMessage(message),
    on: (listener) => port.on('message', listener),
  }) as unknown as HostApi;
}

describe('before the app is ready', () => {
  it('the sandbox is on and the graphics card is left to training', () => {
    prepareElectron({ 'window.acceleration': false });
    expect(electron.calls).toEqual(['enableSandbox', 'registerSchemes', 'disableHardwareAcceleration']);
  });

  it('the window may be drawn by the graphics card when the user wants it', () => {
    prepareElectron({ 'window.acceleration': true });
    expect(electron.calls).not.toContain('disableHardwareAcceleration');
  });
});

describe('the window', () => {
  it('is locked: sandboxed, isolated, without Node', () => {
    expect(electron.windows[0]?.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
    expect(electron.opened).toEqual(['app://butterfly/index.html']);
  });

  it('grants no permission', () => {
    const answers: boolean[] = [];
    electron.handlers.request?.(
      null as never,
      'media' as never,
      ((granted: boolean) => answers.push(granted)) as never,
    );
    expect(answers).toEqual([false]);
    expect(electron.handlers.check?.()).toBe(false);
    expect(electron.handlers.device?.()).toBe(false);
  });

  it.each(['https://evil.example/', 'file:///etc/passwd', 'app://butterfly.evil/', 'app://other/index.html'])(
    'does not navigate to %s',
    (url) => {
      const event = { url, preventDefault: vi.fn() };
      contents().emit('will-navigate', event);
      expect(event.preventDefault).toHaveBeenCalledOnce();
    },
  );

  it('opens no window; links to known places go to the browser, others nowhere', () => {
    const open = electron.handlers.open as unknown as (details: { url: string }) => unknown;
    electron.opened.length = 0;
    for (const url of [
      'https://github.com/x',
      'https://github.com.evil.example/',
      'https://a@github.com/',
      'file:///etc',
    ])
      expect(open({ url })).toEqual({ action: 'deny' });
    expect(electron.opened).toEqual(['https://github.com/x']);
  });

  it('remembers where it was', () => {
    (electron.windows[0] as unknown as EventEmitter).emit('close');
    expect(electron.stored.bounds).toEqual({ x: 1, y: 2, width: 900, height: 700 });
  });

  it('opens where it was, and where it likes beside a file that cannot be read', async () => {
    const bounds = { x: 5, y: 6, width: 1_000, height: 800 };
    await writeFile(join(folder, 'window.json'), JSON.stringify({ bounds }));
    shell = await open();
    expect(electron.windows.at(-1)?.options).toMatchObject(bounds);
    await writeFile(join(folder, 'window.json'), '{"bounds":{"x":');
    shell = await open();
    expect(electron.windows.at(-1)?.options).toMatchObject({ width: 1_280, height: 840 });
    expect(electron.told).toEqual(['FILE_DAMAGED']);
    expect(await readFile(join(folder, 'window.json.damaged-1'), 'utf8')).toBe('{"bounds":{"x":');
  });
});

describe('the page in the window', () => {
  const load = (url: string) =>
    (electron.handlers.scheme as unknown as (request: Request) => Promise<Response>)(new Request(url));

  it('is served from its own origin with the same policy as in a browser', async () => {
    const response = await load('app://butterfly/index.html');
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Security-Policy')).toContain("script-src 'self'");
  });

  it.each(['app://other/index.html', 'app://butterfly/%2e%2e/%2e%2e/etc/passwd', 'app://butterfly/.env'])(
    'is not %s',
    async (url) => {
      expect((await load(url)).status).toBe(404);
    },
  );

  it('calls the host over its port', async () => {
    const port = portOfPage();
    expect(await pageOn(port).view()).toEqual(emptyView);
    await expect(pageOn(port).pauseRun('5', -1)).rejects.toEqual({
      code: 'RPC_MALFORMED',
      params: { method: 'pauseRun' },
    });
    port.close();
  });

  it('hears news of the host until the shell stops', async () => {
    const heard: unknown[] = [];
    const port = portOfPage();
    const page = pageOn(port, { patch: (sections) => void heard.push(sections) });
    for (const ui of host.pages) ui.patch({ clock: { offByMs: 1 } });
    await page.view();
    expect(heard).toEqual([{ clock: { offByMs: 1 } }]);
    shell.stop();
    expect(host.pages.size).toBe(0);
  });

  it('gets a new port after a reload, and the old one is let go', () => {
    portOfPage();
    portOfPage();
    expect(host.pages.size).toBe(1);
  });

  it.each([
    ['a frame that is gone', () => hello(null)],
    ['a frame inside the page', () => hello({ ...contents().mainFrame })],
    ['another window', () => hello(contents().mainFrame, {})],
    [
      'our frame on a foreign origin',
      () => {
        const { mainFrame } = contents();
        Object.assign(mainFrame, { origin: 'https://evil.example', url: 'https://evil.example/' });
        hello(mainFrame);
      },
    ],
    [
      'our frame on a name that looks like ours',
      () => {
        const { mainFrame } = contents();
        Object.assign(mainFrame, { origin: 'app://butterfly.evil', url: 'app://butterfly.evil/' });
        hello(mainFrame);
      },
    ],
  ])('is the only one with a port: %s gets none', (_title, sayHello) => {
    sayHello();
    expect(host.pages.size).toBe(0);
  });
});

describe('the signing window', () => {
  const second = () => electron.windows[1];
  const contentsOf = (at: number) => electron.windows[at]?.webContents as EventEmitter & { mainFrame: Frame };
  const load = (prefix: string, url: string) =>
    (electron.handlers[`${prefix}scheme`] as unknown as (request: Request) => Promise<Response>)(
      new Request(url),
    );

  it('is there when it is asked for, locked like the first, its pictures black, in a session of its own', async () => {
    expect(electron.windows).toHaveLength(1);
    expect(await shell.openSigning()).toBeNull();
    expect(second()?.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      session: { prefix: 'signing.' },
    });
    expect(second()?.isProtected).toBe(true);
    expect(electron.opened.at(-1)).toBe('app://signing/index.html');
    const answers: boolean[] = [];
    electron.handlers['signing.request']?.(
      ...([null, 'media', (granted: boolean) => answers.push(granted)] as never[]),
    );
    expect(answers).toEqual([false]);
  });

  it('is one: asked for again it comes to the front, and closed it opens anew', async () => {
    await shell.openSigning();
    await shell.openSigning();
    expect(electron.windows).toHaveLength(2);
    expect(second()?.shown).toBe(1);
    signingClosed.mockClear();
    (second() as unknown as { destroy(): void }).destroy();
    expect(signingClosed).toHaveBeenCalledOnce();
    await shell.openSigning();
    expect(electron.windows).toHaveLength(3);
  });

  it('is served in its own session alone, and the page in its own', async () => {
    expect(await (await load('signing.', 'app://signing/index.html')).text()).toContain('Sign');
    expect((await load('signing.', 'app://butterfly/index.html')).status).toBe(404);
    expect((await load('', 'app://signing/index.html')).status).toBe(404);
  });

  it('does not lead to the page, nor the page to it', async () => {
    await shell.openSigning();
    for (const [at, url] of [
      [0, 'app://signing/index.html'],
      [1, 'app://butterfly/index.html'],
    ] as const) {
      const event = { url, preventDefault: vi.fn() };
      contentsOf(at).emit('will-navigate', event);
      expect(event.preventDefault).toHaveBeenCalledOnce();
    }
  });

  it('has the signing calls and no others; the page has none of them', async () => {
    await shell.openSigning();
    const { mainFrame } = contentsOf(1);
    hello(mainFrame, contentsOf(1));
    const port = mainFrame.postMessage.mock.lastCall?.[2][0] as MessagePort;
    expect(await pageOn(port).view()).toBe('the signing view');
    await expect(pageOn(port).quit()).rejects.toMatchObject({ code: 'RPC_MALFORMED' });
    const page = portOfPage();
    const asSigning = pageOn(page) as unknown as { approve(id: string, secret: object): Promise<void> };
    await expect(asSigning.approve('1', { password: null, typed: null })).rejects.toMatchObject({
      code: 'RPC_MALFORMED',
    });
    port.close();
    page.close();
  });

  it('gives no port to the page that says hello in its name', async () => {
    await shell.openSigning();
    hello(contentsOf(0).mainFrame, contentsOf(1));
    expect(signer.pages.size).toBe(0);
  });

  it('goes with the page’s window, and with the shell', async () => {
    await shell.openSigning();
    (electron.windows[0] as unknown as { destroy(): void }).destroy();
    expect(second()?.destroyed).toBe(true);
    expect(signer.pages.size).toBe(0);
  });
});

describe('quitting', () => {
  it('waits until the host has stopped', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    quitAfter(() => promise);
    const event = { preventDefault: vi.fn() };
    electron.app.emit('before-quit', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
    expect(electron.calls).not.toContain('quit');
    resolve();
    await expect.poll(() => electron.calls).toContain('quit');
  });
});
