import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';

const renderer = vi.hoisted(() => ({ sent: [] as string[], ipc: null as unknown as EventEmitter }));
vi.mock('electron', async () => {
  const { EventEmitter } = await import('node:events');
  renderer.ipc = Object.assign(new EventEmitter(), {
    send: (channel: string) => renderer.sent.push(channel),
  });
  return { ipcRenderer: renderer.ipc };
});

it('asks for a port once the page listens and passes exactly that on, to its own origin', async () => {
  const listeners = new EventEmitter();
  const posted: unknown[][] = [];
  const before = Object.keys(globalThis);
  vi.stubGlobal('location', { origin: 'app://butterfly' });
  vi.stubGlobal('addEventListener', (type: string, listener: () => void) => listeners.on(type, listener));
  vi.stubGlobal('postMessage', (...args: unknown[]) => posted.push(args));
  await import('../../../../src-main/shells/electron/preload.ts');
  expect(renderer.sent).toEqual([]);
  listeners.emit('DOMContentLoaded');
  expect(renderer.sent).toEqual(['butterfly.hello']);
  const port = {};
  renderer.ipc.emit('butterfly.port', { ports: [port], sender: 'secret' });
  expect(posted).toEqual([['butterfly.port', 'app://butterfly', [port]]]);
  vi.unstubAllGlobals();
  expect(Object.keys(globalThis)).toEqual(before);
});
