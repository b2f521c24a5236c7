import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { bundledPackages } from '../../tools/build/bundled-packages.ts';
import { packedApp } from './packed-app.ts';

it('licences of all that is shipped go along', () => {
  const notice = readFileSync(join(packedApp().resources, 'NOTICE'), 'utf8');
  const folders = bundledPackages();
  expect(folders.length).toBeGreaterThan(100);
  const shipped = [...folders, 'node_modules/better-sqlite3', 'node_modules/webgpu'];
  const missing = shipped
    .map((folder) => JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8')))
    .filter(({ name, version }) => !notice.includes(`\n${name} ${version}\n`));
  expect(missing).toEqual([]);
  for (const words of [
    'Permission is hereby granted, free of charge',
    'SIL OPEN FONT LICENSE',
    'Node.js is licensed for use',
    'Copyright (c) 2026 The Butterfly authors\n\nPermission is hereby granted',
  ])
    expect(notice).toContain(words);
});
