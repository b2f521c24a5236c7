import { ipcRenderer } from 'electron';
import { PORT_MESSAGE } from '../../../src-shared/contract/page/wire.ts';
import { HELLO_CHANNEL, PORT_CHANNEL } from './channels.ts';

/** What a preload sees of its page. The host's sources are compiled without the DOM, and this is all that is needed. */
const page = globalThis as unknown as {
  readonly location: { readonly origin: string };
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void;
  addEventListener(type: 'DOMContentLoaded', listener: () => void): void;
};

/**
 * All that the page gets of Electron: one MessagePort to the host. Nothing is exposed by name, so there is nothing
 * to misuse. Module scripts have run when the document is ready, so the page listens by then.
 */
ipcRenderer.on(PORT_CHANNEL, (event) => page.postMessage(PORT_MESSAGE, page.location.origin, event.ports));
page.addEventListener('DOMContentLoaded', () => ipcRenderer.send(HELLO_CHANNEL));
