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
});

/** Where the window was when it was last closed. */
export interface WindowBounds {
  readonly last: Partial<Rectangle>;
  /** Remembers the bounds of this window when it closes. */
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
    keep: (window) => {
      window.on('close', () => keepNow(dataDir, window.getNormalBounds(), told));
    },
  };
}

/** Written at once, because the app ends after it. */
function keepNow(dataDir: string, bounds: Rectangle, told: (error: CodedError) => void): void {
  try {
    new ElectronStore<{ bounds: Rectangle }>({ name: 'window', cwd: dataDir }).set('bounds', bounds);
  } catch (thrown) {
    // Nothing is written over that cannot be read.
    told(toCodedError(diskError(thrown, dataDir)));
  }
}
