import { type FSWatcher, watch } from 'node:fs';
import { SHELF_LOOK_MS, SHELF_SETTLE_MS } from './limits.ts';

/**
 * Tells that something in a folder may have changed: as soon as the system says so, and every now and then besides,
 * since it does not for every disk, nor for what lies deeper, nor for a folder that is made later.
 * @param folder asked again each time; it may be another one by then
 * @returns what ends it
 */
export function watchFolder(folder: () => string, mayHaveChanged: () => void): () => void {
  let watched: { readonly path: string; readonly watcher: FSWatcher } | null = null;
  let settling: NodeJS.Timeout | undefined;

  function close(): void {
    watched?.watcher.close();
    watched = null;
  }

  /** Files of one wallet come one after another; one look at the end is enough. */
  function stir(): void {
    clearTimeout(settling);
    settling = setTimeout(mayHaveChanged, SHELF_SETTLE_MS);
    settling.unref();
  }

  function listen(): void {
    const path = folder();
    if (watched?.path === path) return;
    close();
    try {
      const watcher = watch(path, { persistent: false }, stir);
      watcher.on('error', close);
      watched = { path, watcher };
    } catch {
      // None there, or the system watches no more: the timer looks all the same.
    }
  }

  listen();
  const timer = setInterval(() => {
    listen();
    mayHaveChanged();
  }, SHELF_LOOK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    clearTimeout(settling);
    close();
  };
}
