import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const limitFiles = ['src-shared', 'src-node', 'src-main', 'src-worker', 'src-renderer'].flatMap((house) =>
  readdirSync(join(ROOT, house), { recursive: true, encoding: 'utf8' })
    .map((path) => `${house}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('/limits.ts')),
);

/** Rows of the page's table for one file: name to the text of its value. */
const documented = new Map(
  read('docs/LIMITS.md')
    .split(/^#{2,3} /m)
    .map((section): [string, ReadonlyMap<string, string>] => {
      const file = /^.*`(\S+\/limits\.ts)`$/m.exec(section)?.[1] ?? '';
      const rows = [...section.matchAll(/^\| `([A-Za-z_.]+)` \| ([^|]*) \|/gm)];
      return [file, new Map(rows.map(([, name = '', value = '']) => [name, value]))];
    }),
);

/** Exported constants of a file: name to the text of what they are. */
const constantsOf = (source: string): ReadonlyMap<string, string> =>
  new Map(
    [...source.matchAll(/^export const (\w+)(?:: [^=]+)? = ([^;{]*)/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );

/** What an initializer of plain numbers comes to; null for one that names something else. */
function numberOf(initializer: string): number | null {
  if (!/^[\d_.\s*]+$/.test(initializer)) return null;
  const factors = initializer.replaceAll('**', '^').split('*');
  return factors.reduce((product, factor) => {
    const [base = 0, exponent = 1] = factor.split('^').map((text) => Number(text.replaceAll('_', '')));
    return product * base ** exponent;
  }, 1);
}

describe('docs/LIMITS.md', () => {
  it('finds the files that it speaks of', () => {
    expect(limitFiles.length).toBeGreaterThan(10);
  });

  it.each(limitFiles)('names every exported constant of %s', (file) => {
    const names = [...constantsOf(read(file)).keys()];
    const rows = documented.get(file);
    expect(names.filter((name) => !rows?.has(name))).toEqual([]);
  });

  it.each(limitFiles)('gives the numbers that stand in %s', (file) => {
    const rows = documented.get(file);
    const wrong = [...constantsOf(read(file))].flatMap(([name, initializer]) => {
      const value = numberOf(initializer);
      const written = rows?.get(name)?.split(' ')[0];
      return value === null || written === value.toLocaleString('en') ? [] : [`${name}: ${written}`];
    });
    expect(wrong).toEqual([]);
  });

  it.each(limitFiles)('names nothing that %s no longer holds', (file) => {
    const source = read(file);
    const stale = [...(documented.get(file)?.keys() ?? [])].filter(
      (name) => !new RegExp(`\\b${name.split('.').at(-1)}\\b`).test(source),
    );
    expect(stale).toEqual([]);
  });

  it('names constants that stand where it says', () => {
    const rows = [...read('docs/LIMITS.md').matchAll(/^\| `(\w+)` \| [^|]* \| (`(?:src|tools)[^|]*`) \|/gm)];
    expect(rows.length).toBeGreaterThan(20);
    const gone = rows.flatMap(([, name = '', files = '']) =>
      files
        .split(', ')
        .map((file) => file.replaceAll('`', ''))
        .filter((file) => !existsSync(join(ROOT, file)) || !new RegExp(`\\b${name}\\b`).test(read(file)))
        .map((file) => `${name}: ${file}`),
    );
    expect(gone).toEqual([]);
  });
});
