import { type IpcMainEvent, ipcMain, MessageChannelMain, type WebContents } from 'electron';
import { attachPage, type PageDoor } from '../page-rpc.ts';
import type { AppOrigin } from './app-scheme.ts';
import { HELLO_CHANNEL, PORT_CHANNEL } from './channels.ts';
import { isOwnUrl } from './lockdown.ts';

/** Gives our own page of that origin, and nobody else, a port to the host. @returns what ends it. */
export function servePagePort(contents: WebContents, door: PageDoor, origin: AppOrigin): () => void {
  let detach = () => {};
  const onHello = (event: IpcMainEvent) => {
    if (!isOwnPage(event, contents, origin)) return;
    // A reload says hello again; the port of the page before is of no use any more.
    detach();
    const { port1, port2 } = new MessageChannelMain();
    const leave = attachPage(door, {
      post: (message) => port1.postMessage(message),
      on: (listener) => port1.on('message', ({ data }: { data: unknown }) => listener(data)),
    });
    let attached = true;
    detach = () => {
      if (!attached) return;
      attached = false;
      leave();
      port1.close();
    };
    port1.on('close', detach);
    port1.start();
    event.senderFrame?.postMessage(PORT_CHANNEL, null, [port2]);
  };
  ipcMain.on(HELLO_CHANNEL, onHello);
  return () => {
    ipcMain.off(HELLO_CHANNEL, onHello);
    detach();
  };
}

/** The main frame of our window, showing our origin. A frame that is gone or navigated away is none. */
const isOwnPage = (
  { sender, senderFrame }: IpcMainEvent,
  contents: WebContents,
  origin: AppOrigin,
): boolean =>
  senderFrame !== null &&
  sender === contents &&
  senderFrame === contents.mainFrame &&
  senderFrame.origin === origin &&
  isOwnUrl(senderFrame.url, origin);
