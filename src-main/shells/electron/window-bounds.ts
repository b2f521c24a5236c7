import type { BrowserWindow, Rectangle } from 'electron';
import ElectronStore from 'electron-store';

const DEFAULT_BOUNDS: Pick<Rectangle, 'width' | 'height'> = { width: 1280, height: 840 };

/** Where the window was when it was last closed. */
export interface WindowBounds {
  read(): Partial<Rectangle>;
  /** Remembers the bounds of this window when it closes. */
  keep(window: BrowserWindow): void;
}

export function windowBounds(dataDir: string): WindowBounds {
  const store = new ElectronStore<{ bounds?: Rectangle }>({
    name: 'window',
    cwd: dataDir,
    // A file that cannot be read costs a position on the screen, no more.
    clearInvalidConfig: true,
  });
  return {
    read: () => store.get('bounds') ?? DEFAULT_BOUNDS,
    keep: (window) => {
      window.on('close', () => store.set('bounds', window.getNormalBounds()));
    },
  };
}
