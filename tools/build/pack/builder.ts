import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { electronBinary } from '../electron-runtime.ts';
import { packageScript, runNode } from '../run-node.ts';
import { ROOT } from '../stamp.ts';
import { STAGE } from './stage.ts';
import { makeStandIn } from './stand-in-electron.ts';
import { BUILDER_WORD, ownTarget, type Target } from './target.ts';

/** An address that is nowhere, for what a build of one's own has no address for. */
const NOWHERE = 'https://butterfly.invalid';

/** The Electron that is packed around: its folder, and whether it is the one that people are given. */
export interface PackedElectron {
  readonly dist: string;
  /** False for what stands in for one, and for one of another version, which only tests are run in. */
  readonly isReal: boolean;
}

/** One that is named, the installed one, or one that stands in for it. */
export async function electronToPack(): Promise<PackedElectron> {
  const named = process.env.BUTTERFLY_ELECTRON_DIST;
  if (named) return { dist: named, isReal: isOurs(named) };
  const installed = electronBinary();
  if (!installed) return { dist: await makeStandIn(ownTarget()), isReal: false };
  const own = join(ROOT, 'node_modules', 'electron', 'dist');
  const dist = existsSync(own) ? own : dirname(installed);
  return { dist, isReal: isOurs(dist) };
}

/** Whether it is of the version that our package file names; every Electron says its own beside its program. */
function isOurs(dist: string): boolean {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const version = join(dist, 'version');
  return (
    existsSync(version) && readFileSync(version, 'utf8').trim().replace(/^v/, '') === devDependencies.electron
  );
}

/** Runs electron-builder for one target. @param words what to make, and from what. @returns its exit code */
export function runBuilder({ platform, arch }: Target, words: readonly string[]): Promise<number> {
  // A workflow whose variable nobody has set says an empty one.
  const BUTTERFLY_FEED = process.env.BUTTERFLY_FEED || `${NOWHERE}/updates`;
  const homepage = `-c.extraMetadata.homepage=${process.env.BUTTERFLY_HOMEPAGE || NOWHERE}`;
  const asked = [`--${BUILDER_WORD[platform]}`, ...words, `--${arch}`, '--publish', 'never', homepage];
  return runNode(packageScript('electron-builder'), asked, {
    env: { BUTTERFLY_FEED, CUSTOM_FPM_PATH: dpkgInsteadOfFpm(), ...UNSIGNED },
  });
}

/** Certificates are named by the release; a keychain of whoever builds is not searched for one. */
const UNSIGNED: Readonly<Record<string, string>> =
  process.env.CSC_LINK || process.env.CSC_NAME ? {} : { CSC_IDENTITY_AUTO_DISCOVERY: 'false' };

/** A program of one file, as electron-builder wants it. */
function dpkgInsteadOfFpm(): string {
  const path = join(STAGE, 'fpm');
  const script = join(ROOT, 'tools', 'build', 'pack', 'fpm.ts');
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`, { mode: 0o755 });
  return path;
}
