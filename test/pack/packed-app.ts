import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ownTarget, type Target } from '../../tools/build/pack/target.ts';

/** The app as electron-builder left it: its folder, and the part that is ours. */
export interface PackedApp {
  readonly target: Target;
  readonly folder: string;
  readonly resources: string;
  readonly archive: string;
}

/** As it lies in dist/, of this computer unless another is named; the folder of resources lies elsewhere on macOS. */
export function packedApp(target: Target = ownTarget()): PackedApp {
  const { platform, arch } = target;
  const suffix = arch === 'x64' ? '' : `-${arch}`;
  const folder = resolve(
    'dist',
    platform === 'darwin' ? `mac${suffix}` : `${platform === 'win32' ? 'win' : 'linux'}${suffix}-unpacked`,
  );
  const resources = join(folder, platform === 'darwin' ? 'Butterfly.app/Contents/Resources' : 'resources');
  return { target, folder, resources, archive: join(resources, 'app.asar') };
}

/** All files below a folder, with forward slashes. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();

/** A committed list of patterns, a line each: `*` stands for the part of a name that changes with its content. */
export function patternsOf(file: string): readonly { readonly line: string; readonly regex: RegExp }[] {
  return readFileSync(resolve('test/pack', file), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => ({
      line,
      regex: new RegExp(`^${line.replace(/[.+@()$]/g, '\\$&').replaceAll('*', '[^/]*')}$`),
    }));
}

/** What is there and not expected, and what is expected and not there, by the lists that hold together. */
export function differences(files: string | readonly string[], found: readonly string[]) {
  const patterns = [files].flat().flatMap(patternsOf);
  return {
    unexpected: found.filter((name) => !patterns.some(({ regex }) => regex.test(name))),
    missing: patterns.filter(({ regex }) => !found.some((name) => regex.test(name))).map(({ line }) => line),
  };
}

/** The programs of an operating system by the first bytes of a file, and the machine that they are for; null for others. */
export function nativeKind(path: string): string | null {
  const bytes = readFileSync(path);
  if (bytes.length < 64) return null;
  if (bytes.toString('latin1', 0, 4) === '\x7fELF') return `ELF ${bytes.readUInt16LE(18)}`;
  if (bytes.toString('latin1', 0, 2) === 'MZ') {
    const header = bytes.readUInt32LE(60);
    return header + 6 > bytes.length ? null : `PE ${bytes.readUInt16LE(header + 4)}`;
  }
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return `Mach-O ${bytes.readUInt32LE(4)}`;
  // One for several machines, each of which is named at its beginning; a class file of Java begins alike.
  return bytes.readUInt32BE(0) === 0xcafebabe && bytes.readUInt32BE(4) < 8 ? UNIVERSAL : null;
}

/** For all Macs there are. */
const UNIVERSAL = 'Mach-O for several';
/** Machines as `nativeKind` numbers them. */
const MACHINES: Readonly<Record<string, string>> = {
  'linux-x64': 'ELF 62',
  'linux-arm64': 'ELF 183',
  'win32-x64': 'PE 34404',
  'win32-arm64': 'PE 43620',
  'darwin-x64': 'Mach-O 16777223',
  'darwin-arm64': 'Mach-O 16777228',
};

/** What `nativeKind` may say of a file for that target. */
export const kindsFor = ({ platform, arch }: Target): readonly (string | null)[] => [
  MACHINES[`${platform}-${arch}`] ?? null,
  ...(platform === 'darwin' ? [UNIVERSAL] : []),
];
