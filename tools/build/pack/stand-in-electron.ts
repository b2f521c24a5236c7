import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createPackageFromStreams } from '@electron/asar';
import { ROOT } from '../stamp.ts';
import { STAGE } from './stage.ts';
import type { Target } from './target.ts';

/** What stands before the fuses of an Electron; behind it version, number, and a digit each. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = '\u0001\u0009111111111';

/** Small files that a package of Electron has beside its program. */
const LICENCES = ['LICENSE', 'LICENSES.chromium.html', 'version'];
const RESOURCES = [
  'icudtl.dat',
  'resources.pak',
  'v8_context_snapshot.bin',
  'locales/en-US.pak',
  'locales/de.pak',
];
const BESIDE: Readonly<Record<Target['platform'], readonly string[]>> = {
  linux: [...LICENCES, ...RESOURCES, 'chrome-sandbox', 'chrome_crashpad_handler'],
  win32: [...LICENCES, ...RESOURCES, 'ffmpeg.dll', 'libEGL.dll'],
  darwin: LICENCES,
};
const CONTENTS = 'Electron.app/Contents';
const FRAMEWORKS = `${CONTENTS}/Frameworks`;
const FRAMEWORK = `${FRAMEWORKS}/Electron Framework.framework`;
const HELPER = `${FRAMEWORKS}/Electron Helper.app/Contents`;

/** Where Electron's own parts lie in its folder: its program, the one with its fuses in it, and its resources. */
const LAYOUT: Readonly<Record<Target['platform'], { program: string; fused: string; resources: string }>> = {
  linux: { program: 'electron', fused: 'electron', resources: 'resources' },
  win32: { program: 'electron.exe', fused: 'electron.exe', resources: 'resources' },
  darwin: {
    program: `${CONTENTS}/MacOS/Electron`,
    fused: `${FRAMEWORK}/Electron Framework`,
    resources: `${CONTENTS}/Resources`,
  },
};

/**
 * A folder like Electron's. On Linux its program says with which words it was started; elsewhere it is a real file of
 * that system that starts nothing. Each has fuses. What is packed around it is as around the real one.
 * @returns the folder
 */
export async function makeStandIn(target: Target): Promise<string> {
  const { platform } = target;
  const folder = join(STAGE, 'electron');
  rmSync(folder, { recursive: true, force: true });
  const put = (name: string, content: string | Buffer = ''): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o755 });
  };
  for (const name of BESIDE[platform]) put(name);
  const { program, fused, resources } = LAYOUT[platform];
  put(program, programOf(target));
  if (platform === 'darwin') {
    put(fused, withFuses(target));
    for (const language of ['en', 'de'])
      put(`${FRAMEWORK}/Versions/A/Resources/${language}.lproj/locale.pak`);
    put(`${CONTENTS}/Info.plist`, propertyList('Electron'));
    put(`${HELPER}/Info.plist`, propertyList('Electron Helper'));
    put(`${HELPER}/MacOS/Electron Helper`, readFileSync(standInProgram(target)));
  }
  mkdirSync(join(folder, resources), { recursive: true });
  await createPackageFromStreams(join(folder, resources, 'default_app.asar'), []);
  return folder;
}

/** A native file of a target that is here, whatever the computer: it stands where a program of that system would. */
export const standInProgram = ({ platform, arch }: Target): string =>
  join(ROOT, 'node_modules/better-sqlite3/prebuilds', `${platform}-${arch}.node`);

/** On Windows one with a description of its version, into which the sum of the archive is written; it is not signed. */
const fusedStandIn = (target: Target): string =>
  target.platform === 'win32'
    ? join(ROOT, `node_modules/webgpu/dist/win32-${target.arch}/dxcompiler.dll`)
    : standInProgram(target);

function programOf(target: Target): string | Buffer {
  if (target.platform === 'darwin') return readFileSync(standInProgram(target));
  if (target.platform === 'win32') return withFuses(target);
  return `#!/bin/sh\nprintf 'A window was asked for:%s\\n' "$*"\nexit 0\n# ${SENTINEL}${FUSES}\n`;
}

const withFuses = (target: Target): Buffer =>
  Buffer.concat([readFileSync(fusedStandIn(target)), Buffer.from(`${SENTINEL}${FUSES}`)]);

const propertyList = (program: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>CFBundleExecutable</key><string>${program}</string></dict></plist>
`;
