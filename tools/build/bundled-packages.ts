import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A file for each bundle, with the folders of the packages that are in it. */
const RECORDS = join(ROOT, 'out', 'packages');
/** The folder of a package, in the innermost `node_modules` of a path. */
const FOLDER = /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/;

/** The part of a bundler's plugin that is used, which Rolldown and Vite have in common. */
interface RecordingPlugin {
  readonly name: string;
  generateBundle(
    options: unknown,
    bundle: Readonly<Record<string, { readonly type: string; readonly moduleIds?: readonly string[] }>>,
  ): void;
}

/** Writes down which packages went into a bundle, so that their licences go along with it. @param name of the bundle */
export function recordPackages(name: string): RecordingPlugin {
  return {
    name: 'record-packages',
    generateBundle(_options, bundle) {
      const ids = Object.values(bundle).flatMap(({ moduleIds }) => moduleIds ?? []);
      const folders = new Set(ids.map(packageFolder).filter((folder) => folder !== null));
      mkdirSync(RECORDS, { recursive: true });
      writeFileSync(join(RECORDS, `${name.replaceAll('/', '-')}.json`), JSON.stringify([...folders].sort()));
    },
  };
}

/** @returns the folder of the package that a module is of, relative to the root; null for one of ours */
function packageFolder(id: string): string | null {
  // Bundlers mark modules of their own making with a NUL in front.
  const found = FOLDER.exec(id.split('?', 1)[0]?.replace(/^\0/, '') ?? '');
  return found ? relative(ROOT, resolve(found[0])).replaceAll('\\', '/') : null;
}

/** Folders of all packages that are in any bundle of the build. */
export function bundledPackages(): readonly string[] {
  const records = readdirSync(RECORDS).map(
    (file) => JSON.parse(readFileSync(join(RECORDS, file), 'utf8')) as string[],
  );
  return [...new Set(records.flat())].sort();
}
