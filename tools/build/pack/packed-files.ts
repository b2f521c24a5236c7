import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../stamp.ts';
import { runtimeName, type Target } from './target.ts';

/** A file that lies outside of the archive: its path below the resources folder, and what it is made from. */
export interface Outside {
  readonly name: string;
  readonly source: string;
  /** The installer's own signature is written into it after its sum was taken. */
  readonly isSignedLater: boolean;
}

const BESIDE = 'app.asar.unpacked';
/** Folders of the build that a plain Node runs or reads. */
const FOLDERS = ['out/host', 'out/worker', 'out/assets/corpus', 'out/page', 'out/signing'];

/** All that children are made of, small files first: a missing one is told before a large one is summed up. */
export function outsideFiles(target: Target, node: string): readonly Outside[] {
  const own = FOLDERS.flatMap((folder) => below(folder).filter((name) => !name.endsWith('.map')));
  const libraries = [
    ...below('node_modules/better-sqlite3/lib').filter(isOwnLoader),
    'node_modules/webgpu/index.js',
  ];
  const natives = nativesOf(target);
  const isMac = target.platform === 'darwin';
  return [
    ...[...own, ...libraries].map((name) => outside(name, false)),
    ...natives.map((name) => outside(name, isMac)),
    { name: `runtime/${runtimeName(target)}`, source: node, isSignedLater: isMac },
  ];
}

const outside = (name: string, isSignedLater: boolean): Outside => ({
  ...{ name: `${BESIDE}/${name}`, source: join(ROOT, name), isSignedLater },
});

/** Not those that load the addon of one named platform: nobody asks for them. */
const isOwnLoader = (name: string): boolean => !/\/(?:darwin|linux|linuxmusl|win32)-[^/]+\.js$/.test(name);

/** Libraries of the one platform. */
export function nativesOf({ platform, arch }: Target): readonly string[] {
  const dawn = `node_modules/webgpu/dist/${platform}-${platform === 'darwin' ? 'universal' : arch}`;
  return [
    `node_modules/better-sqlite3/prebuilds/${platform}-${arch}.node`,
    ...below(dawn).filter((name) => /\.(?:node|dll)$/.test(name)),
  ];
}

function below(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(ROOT, '/').length).replaceAll('\\', '/'))
    .sort();
}

/** The list that is packed into the archive; `src-main/supervisor/program-files.ts` reads it. */
export function packedList(files: readonly Outside[]): string {
  const entries = files.map(({ name, source, isSignedLater }) => [name, isSignedLater ? null : seal(source)]);
  return `${JSON.stringify({ format: 1, files: Object.fromEntries(entries) })}\n`;
}

function seal(path: string): { bytes: number; sha256: string } {
  const content = readFileSync(path);
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}
