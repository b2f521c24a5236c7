import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPackageFromStreams } from '@electron/asar';
import { STAGE } from './stage.ts';

/** What stands before the fuses of an Electron; behind it version, number, and a digit each. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = '\u0001\u0009111111111';

/** Small files that a package of Electron for Linux has beside its program. */
const BESIDE = [
  ...['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'chrome_crashpad_handler', 'icudtl.dat'],
  ...['resources.pak', 'v8_context_snapshot.bin', 'version', 'locales/en-US.pak', 'locales/de.pak'],
];

/**
 * A folder like Electron's for Linux, whose program says with which words it was started, and has fuses. What is packed
 * around it is as around the real one; it opens no window.
 * @returns the folder
 */
export async function makeStandIn(): Promise<string> {
  const folder = join(STAGE, 'electron');
  rmSync(folder, { recursive: true, force: true });
  for (const sub of ['locales', 'resources']) mkdirSync(join(folder, sub), { recursive: true });
  for (const name of BESIDE) writeFileSync(join(folder, name), '', { mode: 0o755 });
  const program = `#!/bin/sh\nprintf 'A window was asked for:%s\\n' "$*"\nexit 0\n# ${SENTINEL}${FUSES}\n`;
  writeFileSync(join(folder, 'electron'), program, { mode: 0o755 });
  await createPackageFromStreams(join(folder, 'resources', 'default_app.asar'), []);
  return folder;
}
