import { electronToPack, runBuilder } from '../build/pack/builder.ts';
import { stage } from '../build/pack/stage.ts';
import { ownTarget, type Target } from '../build/pack/target.ts';
import { build } from './build.ts';

/**
 * `npm run dist`: the installers that this operating system can make, into dist/. What needs tools that cannot be had
 * here is named and left out; where `CI` is set that is a failure.
 */
const KINDS: Readonly<Record<Target['platform'], readonly string[]>> = {
  linux: ['deb', 'AppImage'],
  darwin: ['dmg', 'zip'],
  win32: ['nsis'],
};

/** What electron-builder fetches from GitHub for a kind, and the variables that name folders of it instead. */
const FETCHED: Readonly<Record<string, string>> = {
  AppImage: 'the runtime that stands before an AppImage, and mksquashfs (APPIMAGE_TOOLS_PATH)',
  nsis: 'NSIS and its plugins (ELECTRON_BUILDER_NSIS_DIR, ELECTRON_BUILDER_NSIS_RESOURCES_DIR)',
  dmg: 'dmgbuild (CUSTOM_DMGBUILD_PATH)',
};

/** Asked for by name: a package to look at, which has the command line and opens no window. */
const STAND_IN = '--stand-in';
/** Nobody is to take it for an installer. */
const STAND_IN_NAME =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder's own words
  '-c.artifactName=${productName}-stand-in-not-for-people-${version}-${os}-${arch}.${ext}';

const words = process.argv.slice(2);
const asked = words.filter((word) => word !== STAND_IN);
const target = ownTarget();
await build();
stage(target);
const electron = await electronToPack();
if (electron.isReal || words.includes(STAND_IN)) await make();
else {
  console.error(
    `The Electron of this version is not here, so no installer is made. npx install-electron fetches it. npm run dist -- ${STAND_IN} packs around what is here (${electron.dist}), for a look at it: such a package is not for people.`,
  );
  process.exitCode = 1;
}

async function make(): Promise<void> {
  const options = [`-c.electronDist=${electron.dist}`, ...(electron.isReal ? [] : [STAND_IN_NAME])];
  const missing: string[] = [];
  for (const kind of asked.length > 0 ? asked : KINDS[target.platform])
    if ((await runBuilder(target, [kind, ...options])) !== 0) missing.push(kind);
  for (const kind of missing) console.error(whyMissing(kind));
  if (!electron.isReal) console.error('What was made is around a stand-in, and is no installer for people.');
  process.exitCode = missing.length > 0 && (process.env.CI || asked.length > 0) ? 1 : 0;
}

function whyMissing(kind: string): string {
  const tools = FETCHED[kind];
  const fetched = tools
    ? ` Where that is a download: it needs ${tools}, which electron-builder fetches from GitHub once. Try again where GitHub can be reached, or name a folder that holds them.`
    : '';
  return `${kind} could not be made here; the reason stands above.${fetched}`;
}
