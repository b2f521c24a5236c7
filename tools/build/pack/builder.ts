import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { electronBinary } from '../electron-runtime.ts';
import { packageScript, runNode } from '../run-node.ts';
import { ROOT } from '../stamp.ts';
import { STAGE } from './stage.ts';
import { makeStandIn } from './stand-in-electron.ts';
import { BUILDER_WORD, type Target } from './target.ts';

/** An address that is nowhere, for what a build of one's own has no address for. */
const NOWHERE = 'https://butterfly.invalid';

/** The Electron that is packed around: its folder, and whether it is the real one. */
export interface PackedElectron {
  readonly dist: string;
  readonly isReal: boolean;
}

/** One that is named, the installed one, or one that stands in for it. */
export async function electronToPack(): Promise<PackedElectron> {
  const named = process.env.BUTTERFLY_ELECTRON_DIST;
  if (named) return { dist: named, isReal: true };
  const installed = electronBinary();
  if (!installed) return { dist: await makeStandIn(), isReal: false };
  const dist = join(ROOT, 'node_modules', 'electron', 'dist');
  return { dist: existsSync(dist) ? dist : dirname(installed), isReal: true };
}

/** Runs electron-builder for one target. @param words what to make, and from what. @returns its exit code */
export function runBuilder({ platform, arch }: Target, words: readonly string[]): Promise<number> {
  const { BUTTERFLY_FEED = `${NOWHERE}/updates`, BUTTERFLY_HOMEPAGE = NOWHERE } = process.env;
  const homepage = `-c.extraMetadata.homepage=${BUTTERFLY_HOMEPAGE}`;
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
