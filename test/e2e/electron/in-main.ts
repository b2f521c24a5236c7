import type { ElectronApplication } from 'playwright-core';

/** What a test reads and does in Electron's main process, where no page reaches. */

interface SeenItem {
  readonly label: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly submenu?: { readonly items: readonly SeenItem[] };
  click(): void;
}

/** Keeps the menus that are made from now on, all of them the tray's: systems show them, and give nobody a way to read them. */
export const watchTray = (app: ElectronApplication): Promise<void> =>
  app.evaluate(({ Menu }) => {
    const make = Menu.buildFromTemplate.bind(Menu);
    let depth = 0;
    Menu.buildFromTemplate = (template) => {
      depth++;
      const menu = make(template);
      depth--;
      // Menus within it are made on the way.
      if (depth === 0) Object.assign(globalThis, { seenTray: menu.items });
      return menu;
    };
  });

/** Chooses in the tray's menu what bears this label; false where nothing does. */
export const chooseInTray = (app: ElectronApplication, label: string): Promise<boolean> =>
  app.evaluate((_electron, wanted) => {
    const { seenTray = [] } = globalThis as { seenTray?: readonly SeenItem[] };
    const all = seenTray.flatMap((item) => [item, ...(item.submenu?.items ?? [])]);
    const found = all.find((item) => item.label === wanted && item.enabled);
    found?.click();
    return found !== undefined;
  }, label);

/** What the tray's menu says and nobody can choose: the state, and its reason. */
export const trayWords = (app: ElectronApplication): Promise<string> =>
  app.evaluate(() => {
    const { seenTray = [] } = globalThis as { seenTray?: readonly SeenItem[] };
    const told = seenTray.filter(({ type, enabled }) => type === 'normal' && !enabled);
    return told.map(({ label }) => label).join('\n');
  });

/** What each window was made with, as Electron has it. */
export const windowPowers = (app: ElectronApplication) =>
  app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map(({ webContents }) => {
      const { sandbox, contextIsolation, nodeIntegration, webSecurity } = (
        webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
      ).getLastWebPreferences();
      const isKept = webContents.session.isPersistent();
      return { sandbox, contextIsolation, nodeIntegration, webSecurity, isKept };
    }),
  );

/** Whether the window of the page is on the screen. */
export const isPageShown = (app: ElectronApplication): Promise<boolean> =>
  app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().some(
      (one) => one.webContents.getURL().startsWith('app://butterfly/') && one.isVisible(),
    ),
  );

/** Closes the window of the page as its user would, who answers what it asks by that button. */
export const closePage = (app: ElectronApplication, button: number): Promise<string> =>
  app.evaluate(async ({ BrowserWindow, dialog }, response) => {
    const asked = new Promise<string>((resolve) => {
      dialog.showMessageBox = (async (_window: unknown, { message }: { message: string }) => {
        resolve(message);
        return { response, checkboxChecked: true };
      }) as unknown as typeof dialog.showMessageBox;
    });
    for (const one of BrowserWindow.getAllWindows())
      if (one.webContents.getURL().startsWith('app://butterfly/')) one.close();
    return asked;
  }, button);

/** What a stranger's page does: it counts the ports that come to it, up to the one that says it is the test's. */
export const STRANGER_PAGE = `<script>
  var ports = 0;
  var counted = new Promise((done) => addEventListener('message', ({ ports: [port] }) => {
    ports++;
    port.onmessage = ({ data }) => data === 'the last' && done(ports);
  }));
</script>`;

/**
 * A window of somebody else, which shows that page, says hello by our preload script, as a page would that got hold of
 * it. A port of the test's own follows whatever the host answered, on the same way, so that nothing is waited for
 * which never comes.
 * @param url of an origin that has a name: to others the preload script can post nothing at all
 * @returns how many ports came from the host
 */
export const helloOfStranger = (
  app: ElectronApplication,
  given: { readonly preload: string; readonly url: string },
): Promise<number> =>
  app.evaluate(async ({ BrowserWindow, ipcMain, MessageChannelMain }, { preload, url }) => {
    const window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
    const { webContents: stranger } = window;
    const heard = new Promise<void>((resolve) => {
      ipcMain.on('butterfly.hello', function listen({ sender }) {
        if (sender !== stranger) return;
        ipcMain.off('butterfly.hello', listen);
        resolve();
      });
    });
    await window.loadURL(url);
    await heard;
    const { port1, port2 } = new MessageChannelMain();
    stranger.mainFrame.postMessage('butterfly.port', null, [port2]);
    port1.postMessage('the last');
    const ports: number = await stranger.executeJavaScript('counted');
    window.destroy();
    return ports - 1;
  }, given);
