import { expect, it } from 'vitest';

const sources = import.meta.glob<string>('../../src-renderer/**/*.{svelte,ts}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const ROOT = '../../src-renderer/';

const importsOf = (path: string): string[] =>
  [...(sources[path] ?? '').matchAll(/(?:from|import)\s+'([^']+)'/g)].map(([, name = '']) => name);

/** All that the signing window is made of, packages too. */
function closure(): { readonly files: Set<string>; readonly packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string): void => {
    if (files.has(path)) return;
    files.add(path);
    for (const name of importsOf(path)) {
      const resolved = new URL(name, `file:///${path.replace('../../', '')}`).pathname.slice(1);
      if (!name.startsWith('.')) packages.add(name);
      else if (resolved.startsWith('src-renderer/')) visit(`../../${resolved}`);
    }
  };
  visit(`${ROOT}signing/main.ts`);
  return { files, packages };
}

it('the signing window holds nothing of the page’s screens, state or charts, and no widget of others', () => {
  const { files, packages } = closure();
  expect(files.size).toBeGreaterThan(20);
  const foreign = [...files]
    .map((path) => path.replace(ROOT, ''))
    .filter((path) => /^(?:pages|charts|shell)\/|^state\/(?:view|connection)\.svelte/.test(path));
  expect(foreign).toEqual([]);
  expect([...packages].sort()).toEqual(['birpc', 'svelte', 'svelte/elements', 'valibot']);
});
