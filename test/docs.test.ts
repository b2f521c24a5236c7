import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const files = globSync(['*.md', 'docs/**/*.md', 'sdk/**/*.md'], { exclude: ['**/node_modules/**'] });

/** Places of this project that a text leads to: links and pictures, without what stands in code. */
function placesIn(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, place = '']) => place)
    .filter((place) => !/^[a-z]+:/.test(place));
}

it.each(files)('%s leads to places that are there', (file) => {
  expect(placesIn(file).filter((place) => !existsSync(join(dirname(file), place)))).toEqual([]);
});
