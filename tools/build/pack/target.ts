import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ROOT } from '../stamp.ts';

/** What a package is made for, in Node's own words. */
export interface Target {
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly arch: 'x64' | 'arm64';
}

/** electron-builder's word for a platform, as in its options and in the names of what it makes. */
export const BUILDER_WORD = { linux: 'linux', darwin: 'mac', win32: 'win' } as const;

/** @throws where nothing is made for such a computer */
export function ownTarget(): Target {
  const { platform, arch } = process;
  if (
    (platform === 'linux' || platform === 'darwin' || platform === 'win32') &&
    (arch === 'x64' || arch === 'arm64')
  )
    return { platform, arch };
  throw new Error(`Nothing is made for ${platform} on ${arch}.`);
}

/**
 * What `npm run pack:check` packs: for this computer around what is here, and on Linux for the others too, around what
 * stands in for their programs. macOS' tools and Windows' are asked for nothing by that.
 */
export function checkedTargets(): readonly Target[] {
  const own = ownTarget();
  if (own.platform !== 'linux') return [own];
  return [{ platform: 'win32', arch: 'x64' }, { platform: 'darwin', arch: 'arm64' }, own];
}

export const isOwn = (target: Target): boolean => target.platform === process.platform;

/** The file name of the runtime that children run on. */
export const runtimeName = ({ platform }: Target): string => (platform === 'win32' ? 'node.exe' : 'node');

/**
 * The Node that is packed: a named one (macOS, whose packages the registry lacks), or that of the target's npm package.
 * @throws where there is none
 */
export function runtimeSource(target: Target): string {
  const found = process.env.BUTTERFLY_NODE || packagedRuntime(target);
  if (found) return found;
  throw new Error(
    `There is no Node for ${target.platform} on ${target.arch} here: name a Node 24 in BUTTERFLY_NODE.`,
  );
}

/** The Node of a target's npm package; null where it is not installed. */
export function packagedRuntime(target: Target): string | null {
  const platform = target.platform === 'win32' ? 'win' : target.platform;
  try {
    const manifest = createRequire(join(ROOT, 'package.json')).resolve(
      `node-${platform}-${target.arch}/package.json`,
    );
    return join(dirname(manifest), 'bin', runtimeName(target));
  } catch {
    return null;
  }
}
