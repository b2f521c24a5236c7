import { join } from 'node:path';
import type { BrowserWindow, Rectangle } from 'electron';
import ElectronStore from 'electron-store';
import * as v from 'valibot';
import { diskError } from '../../../src-node/disk-error.ts';
import { durableJson } from '../../../src-node/durable-json.ts';
import { type CodedError, toCodedError } from '../../../src-shared/errors/app-error.ts';

const DEFAULT_BOUNDS: Pick<Rectangle, 'width' | 'height'> = { width: 1280, height: 840 };
const pixels = v.pipe(v.number(), v.safeInteger());
const fileSchema = v.object({
  bounds: v.optional(v.object({ x: pixels, y: pixels, width: pixels, height: pixels })),
  isMaximized: v.optional(v.boolean()),
});

/** Where the window was when it was last on the screen. */
export interface WindowBounds {
  readonly last: Partial<Rectangle>;
  readonly wasMaximized: boolean;
  /** Writes down where it is, at once: the app may end after it. */
  keep(window: BrowserWindow): void;
}

/** @param told of a file that cannot be read and was moved aside: it costs a place on the screen, no more */
export async function windowBounds(
  dataDir: string,
  told: (error: CodedError) => void,
): Promise<WindowBounds> {
  const path = join(dataDir, 'window.json');
  const found = await durableJson({ path, schema: fileSchema, told })
    .read()
    .catch((thrown: unknown) => {
      told(toCodedError(thrown));
      return null;
    });
  return {
    last: found?.bounds ?? DEFAULT_BOUNDS,
    wasMaximized: found?.isMaximized ?? false,
    keep(window) {
      try {
        const store = new ElectronStore<v.InferOutput<typeof fileSchema>>({ name: 'window', cwd: dataDir });
        store.set({ bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
      } catch (thrown) {
        // Nothing is written over that cannot be read.
        told(toCodedError(diskError(thrown, dataDir)));
      }
    },
  };
}
