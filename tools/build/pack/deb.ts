import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

/** A package as electron-builder describes it to `fpm`. */
export interface DebOrder {
  readonly file: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'xz' | 'zstd' | 'none';
  /** Maintainer scripts: Debian's name, and the file. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Folders that end in a slash are copied with what is in them, the rest file by file. */
  readonly copies: readonly { readonly from: string; readonly to: string }[];
}

/** Options of `fpm` with a value that become a field of the package. */
const FIELDS: Readonly<Record<string, string>> = {
  '--name': 'Package',
  '--version': 'Version',
  '--architecture': 'Architecture',
  '--maintainer': 'Maintainer',
  '--category': 'Section',
  '--deb-priority': 'Priority',
  '--url': 'Homepage',
  '--description': 'Description',
};
const LISTS: Readonly<Record<string, string>> = { '-d': 'Depends', '--deb-recommends': 'Recommends' };
const SCRIPTS: Readonly<Record<string, string>> = {
  '--after-install': 'postinst',
  '--after-remove': 'postrm',
};
/** Said of every package, and nothing that a `.deb` holds a field for. */
const WITHOUT_FIELD = new Set(['-s', '-t', '--vendor', '--license']);
const COMPRESSION: Readonly<Record<string, DebOrder['compression']>> = {
  ...{ gz: 'gzip', xz: 'xz', zst: 'zstd' },
  none: 'none',
};

/** Reads the words that electron-builder calls `fpm` with. @throws for one that is not known: nothing said is ignored */
export function readOrder(words: readonly string[]): DebOrder {
  const fields: Record<string, string> = {};
  const scripts: Record<string, string> = {};
  const copies: { from: string; to: string }[] = [];
  let [file, compression]: [string, DebOrder['compression'] | undefined] = ['', 'xz'];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--force') continue;
    const copy = /^([^-][^=]*)=(\/.+)$/.exec(word);
    if (copy) {
      copies.push({ from: copy[1] ?? '', to: copy[2] ?? '' });
      continue;
    }
    const value = left.shift();
    if (value === undefined) throw new Error(`${word} has no value`);
    const [field, list, script] = [FIELDS[word], LISTS[word], SCRIPTS[word]];
    if (field) fields[field] = value;
    else if (list) fields[list] = fields[list] ? `${fields[list]}, ${value}` : value;
    else if (script) scripts[script] = value;
    else if (word === '--deb-compression') compression = COMPRESSION[value];
    else if (word === '--package') file = value;
    else if (!WITHOUT_FIELD.has(word)) throw new Error(`${word} is no option that is known here`);
  }
  if (!compression) throw new Error('a compression that dpkg-deb does not have');
  return { file, fields, compression, scripts, copies };
}

/** Builds the package with Debian's own tool. Everything in it belongs to root. */
export function buildDeb({ file, fields, compression, scripts, copies }: DebOrder): void {
  const tree = mkdtempSync(join(tmpdir(), 'butterfly-deb-'));
  try {
    for (const { from, to } of copies) copyInto(tree, from, to);
    const files = filesOf(tree);
    const control = join(tree, 'DEBIAN');
    mkdirSync(control);
    const kilobytes = Math.ceil(files.reduce((sum, path) => sum + statSync(path).size, 0) / 1024);
    writeFileSync(join(control, 'control'), controlFile({ ...fields, 'Installed-Size': `${kilobytes}` }));
    writeFileSync(join(control, 'md5sums'), files.map((path) => sumLine(tree, path)).join(''));
    for (const [name, path] of Object.entries(scripts)) {
      copyFileSync(path, join(control, name));
      chmodSync(join(control, name), 0o755);
    }
    chmodAll(tree);
    execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', tree, file], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** Fields of the control file; of a description the first line is its title. */
export function controlFile({ Description = '', ...fields }: Readonly<Record<string, string>>): string {
  const [title = '', ...text] = Description.split('\n').map((line) => line.trim());
  const body = text.map((line) => ` ${line || '.'}\n`).join('');
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  return `${head.join('')}Description: ${title}\n${body}`;
}

function copyInto(tree: string, from: string, to: string): void {
  const target = join(tree, to);
  mkdirSync(dirname(target), { recursive: true });
  if (from.endsWith('/')) cpSync(from, target, { recursive: true, verbatimSymlinks: true });
  else copyFileSync(from, target);
}

/** Whatever the umask of who builds it: everybody may read, and run what may be run. */
function chmodAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) chmodAll(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o111 ? 0o755 : 0o644);
  }
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

const sumLine = (tree: string, path: string): string =>
  `${createHash('md5').update(readFileSync(path)).digest('hex')}  ${relative(tree, path)}\n`;
