import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Breach, breaches, type SourceFile } from './import-rules.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['src-shared', 'src-node', 'src-main', 'src-worker', 'src-renderer'];
const SOURCE = /\.(?:ts|svelte)$/;

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name) && !entry.parentPath.includes('assembly'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** `import ... from '...'`, `export ... from '...'`, `import '...'` and `import('...')`, of types too. */
const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s(?:[^'"();]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g;
const DEFAULT_EXPORT = /^\s*export\s+default\s|\bas\s+default\b/m;

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const code = text.replaceAll(COMMENT, '');
  const imports = [...code.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
  return {
    path,
    hasDefaultExport: DEFAULT_EXPORT.test(code),
    imports: imports.map((name) =>
      name.startsWith('.') ? posix.normalize(`${dirname(path)}/${name}`) : name,
    ),
  };
}

const files = FOLDERS.flatMap(filesBelow).map(read);
const kinds: Record<Breach['rule'], string> = {
  direction: 'nobody imports what the house does not let them import',
  electron: 'electron is imported by its shell alone',
  'node-in-pure': 'no node: module is imported where there is no Node',
  cycle: 'no file imports itself by way of others',
  'default-export': 'nothing is exported as default',
  absent: 'every imported file of ours exists',
};

describe('the sources', () => {
  const found = breaches(files);

  it('are read: an empty walk would prove nothing', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(files.length);
  });

  it.each(Object.entries(kinds))('keep the rule "%s": %s', (rule) => {
    expect(found.filter((breach) => breach.rule === rule).map(({ from, to }) => `${from} -> ${to}`)).toEqual(
      [],
    );
  });
});

describe('the rules', () => {
  const file = (path: string, ...imports: string[]): SourceFile => ({
    path,
    imports,
    hasDefaultExport: false,
  });
  const rulesOf = (...sources: SourceFile[]) => breaches(sources).map(({ rule }) => rule);

  it.each([
    ['src-shared/a.ts', 'src-main/b.ts'],
    ['src-worker/train/a.ts', 'src-worker/swarm/b.ts'],
    ['src-worker/train/a.ts', 'src-main/b.ts'],
    ['src-node/a.ts', 'src-worker/train/b.ts'],
    ['src-node/a.ts', 'src-main/b.ts'],
    ['src-shared/a.ts', 'src-node/b.ts'],
    ['src-main/vault/a.ts', 'src-main/store/b.ts'],
    ['src-main/store/a.ts', 'src-main/network/b.ts'],
    ['src-main/network/a.ts', 'src-main/rounds/b.ts'],
    ['src-main/earnings/a.ts', 'src-main/scoring/b.ts'],
    ['src-main/rounds/a.ts', 'src-main/host.ts'],
    ['src-main/view/a.ts', 'src-main/practice/b.ts'],
    ['src-main/shells/web/a.ts', 'src-main/store/b.ts'],
    ['src-main/shells/web/a.ts', 'src-main/shells/electron/b.ts'],
    ['src-main/shells/electron/electron.ts', 'src-main/settings/b.ts'],
    ['src-main/commands/a.ts', 'src-main/host.ts'],
    ['src-main/runs/a.ts', 'src-main/entry/b.ts'],
    ['src-renderer/a.svelte', 'src-main/b.ts'],
    ['src-renderer/a.svelte', 'src-node/b.ts'],
  ])('%s must not import %s', (from, to) => {
    expect(rulesOf(file(from, to), file(to))).toEqual(['direction']);
  });

  it.each([
    ['src-main/rounds/a.ts', 'src-main/network/b.ts'],
    ['src-main/network/a.ts', 'src-main/vault/b.ts'],
    ['src-main/earnings/a.ts', 'src-main/store/b.ts'],
    ['src-main/host.ts', 'src-main/rounds/b.ts'],
    ['src-main/practice/a.ts', 'src-main/runs/b.ts'],
    ['src-main/entry/a.ts', 'src-main/shells/web/b.ts'],
    ['src-worker/swarm/a.ts', 'src-node/b.ts'],
    ['src-main/vault/a.ts', 'src-node/b.ts'],
    ['src-renderer/a.svelte', 'src-shared/b.ts'],
  ])('%s may import %s', (from, to) => {
    expect(rulesOf(file(from, to), file(to))).toEqual([]);
  });

  it('find node: and electron where they do not belong', () => {
    expect(rulesOf(file('src-shared/a.ts', 'node:fs'))).toEqual(['node-in-pure']);
    expect(rulesOf(file('src-renderer/a.ts', 'node:fs'))).toEqual(['node-in-pure']);
    expect(rulesOf(file('src-main/host.ts', 'electron'))).toEqual(['electron']);
    expect(rulesOf(file('src-main/host.ts', 'electron-store'))).toEqual(['electron']);
    expect(rulesOf(file('src-main/shells/electron/a.ts', 'electron'))).toEqual([]);
  });

  it('find a cycle once, however long it is', () => {
    const circle = ['a', 'b', 'c'].map((name, index) =>
      file(`src-shared/${name}.ts`, `src-shared/${['b', 'c', 'a'][index]}.ts`),
    );
    expect(rulesOf(...circle)).toEqual(['cycle']);
  });

  it('find default exports and files that do not exist', () => {
    expect(rulesOf({ ...file('src-shared/a.ts'), hasDefaultExport: true })).toEqual(['default-export']);
    expect(rulesOf(file('src-shared/a.ts', 'src-shared/gone.ts'))).toEqual(['absent']);
  });
});
