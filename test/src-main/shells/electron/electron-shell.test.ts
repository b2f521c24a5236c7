import type { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { createBirpc } from 'birpc';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LoginItem } from '../../../../src-main/login-start.ts';
import type { ElectronShell } from '../../../../src-main/shells/electron/electron-shell.ts';
import { type StopStack, stopStack } from '../../../../src-node/stop-stack.ts';
import type { HostApi, UiApi } from '../../../../src-shared/contract/page/api.ts';
import type { Notice } from '../../../../src-shared/contract/page/app.ts';
import { hostApiArguments } from '../../../../src-shared/contract/page/arguments.ts';
import type { RunView, ViewPatch } from '../../../../src-shared/contract/page/sections.ts';
import { signingApiArguments } from '../../../../src-shared/contract/signing.ts';
import { emptyView, type FakeHost, fakeHost } from '../../../fakes/host-api.ts';
import { app, electron, ipcMain, type MenuItem, powerMonitor, resetElectron } from './fake-electron.ts';
import { RUN, trainingRun } from './training-run.ts';

vi.mock('electron', () => import('./fake-electron.ts'));
vi.mock('electron-store', () => ({
  default: class {
    set = (values: object) => Object.assign(electron.stored, values);
  },
}));

const { prepareElectron, startElectronShell } = await import(
  '../../../../src-main/shells/electron/electron-shell.ts'
);
const { quitAfter, restartApp } = await import('../../../../src-main/shells/electron/quitting.ts');

let folder = '';
let host: FakeHost;
let signer: FakeHost;
/** The view as the shell follows it. */
let watched: FakeHost;
let shell: ElectronShell;
let started: StopStack;
const told: string[] = [];
const offered: LoginItem[] = [];

beforeEach(async () => {
  resetElectron();
  told.length = 0;
  offered.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'butterfly-electron-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Butterfly</title>');
  await mkdir(join(folder, 'signing'));
  await writeFile(join(folder, 'signing', 'index.html'), '<!doctype html><title>Sign</title>');
  host = fakeHost();
  signer = fakeHost();
  watched = fakeHost();
  shell = await open();
});
afterEach(async () => {
  await started.stop();
  await rm(folder, { recursive: true });
});

const signingClosed = vi.fn();
function open(): Promise<ElectronShell> {
  started = stopStack();
  return startElectronShell(
    {
      host: {
        api: host.api,
        observe: watched.connect,
        desk: { tell: (signals) => void told.push(JSON.stringify(signals)) },
        offersLoginStart: (item) => void offered.push(item),
        dataDir: folder,
        notice: ({ code }) => void told.push(code),
        noteProblem: (problem) => void told.push(String(problem)),
      },
      page: {
        door: { api: host.api, calls: hostApiArguments, connect: host.connect, onProblem: () => {} },
        folder,
      },
      signing: {
        door: {
          ...{ api: { view: async () => 'the signing view' }, connect: signer.connect, onProblem: () => {} },
          calls: signingApiArguments,
        },
        pageDir: join(folder, 'signing'),
        closed: signingClosed,
      },
      preload: '/preload.cjs',
      pictures: '/pictures',
      loginWords: [],
    },
    started,
  );
}

interface Frame {
  readonly origin: string;
  readonly url: string;
  readonly postMessage: ReturnType<typeof vi.fn>;
}
const contents = () => electron.windows[0]?.webContents as EventEmitter & { mainFrame: Frame };
const hello = (senderFrame: Frame | null, sender: unknown = contents()) =>
  ipcMain.emit('butterfly.hello', { sender, senderFrame });

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

  it.each([
    ['shown, and painted before it is', [], true],
    ['hidden and unpainted in the tray', ['--in-tray'], false],
  ])('starts %s', async (_title, words, isShown) => {
    vi.spyOn(process, 'argv', 'get').mockReturnValue(['butterfly', ...words]);
    onTestFinished(() => void vi.restoreAllMocks());
    await open();
    const window = electron.windows.at(-1);
    expect(window?.options).toMatchObject({ show: false, paintWhenInitiallyHidden: isShown });
    window?.emit('ready-to-show');
    expect(window?.visible).toBe(isShown);
  });

  it('remembers where it was', () => {
    electron.windows[0]?.emit('close', { preventDefault: () => {} });
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
    expect(told).toContain('FILE_DAMAGED');
    expect(await readFile(join(folder, 'window.json.damaged-1'), 'utf8')).toBe('{"bounds":{"x":');
  });
});

describe('closing the window', () => {
  const settled = (choice: string) => {
    for (const ui of watched.pages) ui.patch({ settings: { ...emptyView.settings, 'window.close': choice } });
  };
  async function close(): Promise<{ preventDefault: ReturnType<typeof vi.fn> }> {
    const event = { preventDefault: vi.fn() };
    electron.windows[0]?.show();
    electron.windows[0]?.emit('close', event);
    await new Promise((done) => setImmediate(done));
    return event;
  }

  it.each([
    ['goes on in the tray', 0, false, false],
    ['quits', 1, true, true],
    ['stays', 2, true, false],
  ])('asks, and %s', async (_title, response, isVisible, quits) => {
    electron.answer = { response, checkboxChecked: false };
    const { preventDefault } = await close();
    expect(preventDefault).toHaveBeenCalledOnce();
    expect(electron.asked).toHaveLength(1);
    expect(electron.windows[0]?.visible).toBe(isVisible);
    expect(electron.calls.includes('quit')).toBe(quits);
    expect(host.asked).toEqual([]);
  });

  it('remembers what holds from then on, and never that it was to stay open', async () => {
    electron.answer = { response: 0, checkboxChecked: true };
    await close();
    electron.answer = { response: 2, checkboxChecked: true };
    await close();
    expect(host.asked).toEqual(['setSetting window.close tray']);
  });

  it.each([
    ['tray', false, false],
    ['quit', true, true],
  ])('asks nothing once it is settled: %s', async (choice, isVisible, quits) => {
    settled(choice);
    await close();
    expect(electron.asked).toEqual([]);
    expect(electron.windows[0]?.visible).toBe(isVisible);
    expect(electron.calls.includes('quit')).toBe(quits);
  });

  it('asks nothing and closes nothing while the app ends, and once only while it asks', async () => {
    electron.windows[0]?.emit('close', { preventDefault: () => {} });
    electron.windows[0]?.emit('close', { preventDefault: () => {} });
    expect(electron.asked).toHaveLength(1);
    await new Promise((done) => setImmediate(done));
    app.emit('before-quit', { preventDefault: () => {} });
    const { preventDefault } = await close();
    expect(preventDefault).toHaveBeenCalledOnce();
    expect(electron.asked).toHaveLength(1);
  });

  it('keeps a window that is started again in sight', () => {
    electron.windows[0]?.hide();
    app.emit('second-instance');
    expect(electron.windows[0]?.visible).toBe(true);
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
    electron.windows[0]?.show();
    for (const ui of host.pages) ui.patch({ clock: { offByMs: 1 } });
    await page.view();
    expect(heard).toEqual([{ clock: { offByMs: 1 } }]);
    await started.stop();
    expect(host.pages.size).toBe(0);
  });

  it.each([
    ['hidden', 'hide', 'show'],
    ['minimized', 'minimize', 'restore'],
  ] as const)(
    'hears nothing while its window is %s, and all of it at once afterwards',
    async (_title, hides, shows) => {
      const heard: unknown[] = [];
      const port = portOfPage();
      const page = pageOn(port, { patch: (sections) => void heard.push(sections) });
      const window = electron.windows[0];
      const tell = (patch: ViewPatch) => {
        for (const ui of host.pages) ui.patch(patch);
      };
      window?.show();
      window?.[hides]();
      tell({ clock: { offByMs: 1 }, runs: { [RUN]: trainingRun() } });
      tell({ clock: { offByMs: 2 }, runs: { [RUN]: null } });
      // What it asks is answered behind whatever was told it before.
      await page.view();
      expect(heard).toEqual([]);
      window?.[shows]();
      await page.view();
      expect(heard).toEqual([{ clock: { offByMs: 2 }, runs: { [RUN]: null } }]);
      tell({ clock: { offByMs: 3 } });
      await page.view();
      expect(heard).toHaveLength(2);
      port.close();
    },
  );

  it('leaves nothing at its window once it is gone', async () => {
    const counted = () => electron.windows[0]?.listenerCount('show');
    const before = counted();
    portOfPage();
    portOfPage();
    expect(counted()).toBe((before ?? 0) + 1);
    await started.stop();
    expect(counted()).toBe(before);
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
    second()?.destroy();
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
    electron.windows[0]?.destroy();
    expect(second()?.destroyed).toBe(true);
    expect(signer.pages.size).toBe(0);
  });
});

describe('what runs beside the window', () => {
  const clickIn = (menu: readonly MenuItem[], label: string): void => {
    const all = menu.flatMap((item) => [item, ...(item.submenu ?? [])]);
    const found = all.find((item) => item.label === label);
    if (!found?.click) throw new Error(`${label} cannot be chosen`);
    found.click();
  };
  const show = (run: Partial<RunView>) => {
    for (const ui of watched.pages) ui.patch({ runs: { [RUN]: { ...trainingRun(), ...run } } });
  };

  it('the tray shows the state, and what is chosen there reaches the host', async () => {
    expect(electron.pictures).toEqual(['/pictures/tray/waiting.png']);
    show({});
    expect(electron.pictures.at(-1)).toBe('/pictures/tray/training.png');
    expect(electron.tooltips.at(-1)).toBe('Butterfly\nTraining, round 3');
    clickIn(electron.menus.at(-1) ?? [], 'For 1 hour');
    clickIn(electron.menus.at(-1) ?? [], 'Stop after this round');
    expect(host.asked).toEqual([`pauseRun ${RUN} 60`, `stopRun ${RUN} after-round`]);
    show({ worker: { kind: 'paused', reason: 'user', untilMs: null } });
    clickIn(electron.menus.at(-1) ?? [], 'Resume');
    expect(host.asked.at(-1)).toBe(`resumeRun ${RUN}`);
    electron.windows[0]?.hide();
    clickIn(electron.menus.at(-1) ?? [], 'Open Butterfly');
    expect(electron.windows[0]?.visible).toBe(true);
    clickIn(electron.menus.at(-1) ?? [], 'Quit');
    expect(electron.calls).toContain('quit');
  });

  it('a menu in which nothing changed is left alone: it may be open', () => {
    show({});
    const before = electron.menus.length;
    show({ heldOut: [{ round: 1, loss: 2, atMs: 3 }] });
    expect(electron.menus).toHaveLength(before);
  });

  it('the house rules hear what the system says, until the shell stops', async () => {
    expect(told.filter((one) => one.includes('onBattery'))).toEqual(['{"onBattery":false,"idleSeconds":7}']);
    powerMonitor.emit('on-battery');
    powerMonitor.emit('suspend');
    powerMonitor.emit('lock-screen');
    expect(told.slice(-3)).toEqual(['{"onBattery":true}', '{"isSuspended":true}', '{"isLocked":true}']);
    await started.stop();
    powerMonitor.emit('resume');
    expect(told.at(-1)).toBe('{"isLocked":true}');
  });

  it('the computer stays awake when it is wished for, on mains, while something trains', async () => {
    const wished = { ...emptyView.settings, 'window.keep-awake': true };
    show({});
    expect(electron.power.blockers.size).toBe(0);
    for (const ui of watched.pages) ui.patch({ settings: wished });
    expect(electron.calls).toContain('blocks prevent-app-suspension');
    electron.power.onBattery = true;
    powerMonitor.emit('on-battery');
    expect(electron.power.blockers.size).toBe(0);
    electron.power.onBattery = false;
    powerMonitor.emit('on-ac');
    expect(electron.power.blockers.size).toBe(1);
    show({ worker: { kind: 'paused', reason: 'user', untilMs: null } });
    expect(electron.power.blockers.size).toBe(0);
    show({});
    await started.stop();
    expect(electron.power.blockers.size).toBe(0);
  });

  it('notices are shown by the system while nobody looks, and a click on one opens the window', () => {
    const notice = (id: string, code: 'DISK_FULL' | 'CHAIN_SILENT'): Notice => ({
      ...{ id, level: 'fault', error: { code, params: {} }, atMs: 1, run: null },
    });
    electron.windows[0]?.hide();
    const patch = (...notices: Notice[]) => {
      for (const ui of watched.pages) ui.patch({ notices });
    };
    patch(notice('1', 'DISK_FULL'));
    patch(notice('1', 'DISK_FULL'), { ...notice('2', 'CHAIN_SILENT'), level: 'info' });
    // The same, once more, is news on the page alone.
    patch(notice('3', 'DISK_FULL'));
    expect(electron.notifications).toHaveLength(1);
    electron.notifications[0]?.emit('click');
    expect(electron.windows[0]?.visible).toBe(true);
    patch(notice('4', 'CHAIN_SILENT'));
    expect(electron.notifications).toHaveLength(1);
  });

  it('a page whose process ends is loaded again once, and then told of', () => {
    contents().emit('render-process-gone', {}, { reason: 'clean-exit' });
    contents().emit('render-process-gone', {}, { reason: 'crashed' });
    contents().emit('render-process-gone', {}, { reason: 'crashed' });
    expect(electron.calls.filter((one) => one === 'reload')).toHaveLength(1);
    expect(told.filter((one) => one.startsWith('WINDOW'))).toEqual(['WINDOW_RELOADED', 'WINDOW_FAILED']);
  });

  it('the process that draws is told of, others and clean ends are not', () => {
    app.emit('child-process-gone', {}, { type: 'GPU', reason: 'clean-exit' });
    app.emit('child-process-gone', {}, { type: 'Utility', reason: 'crashed' });
    expect(told).not.toContain('GPU_PROCESS_GONE');
    app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed' });
    expect(told).toContain('GPU_PROCESS_GONE');
  });
});

describe('quitting', () => {
  it('waits until the host has stopped', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    quitAfter(() => promise);
    const event = { preventDefault: vi.fn() };
    app.emit('before-quit', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
    expect(electron.calls).not.toContain('quit');
    resolve();
    await expect.poll(() => electron.calls).toContain('quit');
  });

  it('to start again waits for the host too, and is the last thing', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    quitAfter(() => promise);
    restartApp();
    app.emit('before-quit', { preventDefault: vi.fn() });
    expect(electron.calls).not.toContain('relaunch');
    resolve();
    await expect.poll(() => electron.calls.slice(-2)).toEqual(['relaunch', 'quit']);
  });
});
