import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileBelow, staticPath } from '../../../src-main/shells/static-path.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(2_000, 20_000);

describe('the path of a request', () => {
  it('reads the root as the page and keeps plain names', () => {
    expect(staticPath('/')).toEqual(['index.html']);
    expect(staticPath('/?a=b')).toEqual(['index.html']);
    expect(staticPath('/assets/index-Dk3_a9.js?v=1')).toEqual(['assets', 'index-Dk3_a9.js']);
  });

  it.each([
    '/../secret',
    '/assets/../../secret',
    '/%2e%2e/secret',
    '/%2E%2E%2Fsecret',
    '/..%5csecret',
    '/..\\secret',
    '/assets\\..\\..\\secret',
    '/a\0.html',
    '/a%00.html',
    '/.env',
    '/assets/.hidden',
    '//etc/passwd',
    '/assets//x',
    '/C:/Windows/win.ini',
    '/con:.txt',
    'index.html',
    'http://127.0.0.1/index.html',
    '*',
    '',
    `/${'a'.repeat(600)}`,
  ])('refuses %j', (target) => {
    expect(staticPath(target)).toBeNull();
  });

  it('never yields a name that could leave the folder, whatever is asked', () => {
    const piece = fc.constantFrom('..', '.', '/', '\\', '%2e', '%2f', '\0', 'a', 'index.html', ':', '?', '~');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const names = staticPath(`/${pieces.join('')}`);
        for (const name of names ?? []) expect(name).toMatch(/^[A-Za-z0-9_@][A-Za-z0-9_@.+-]*$/);
      }),
      { numRuns },
    );
  });
});

describe('a file of the page', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'butterfly-static-')));
    await mkdir(join(folder, 'page', 'assets'), { recursive: true });
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await writeFile(join(folder, 'page', 'index.html'), '<!doctype html>');
    await symlink(join(folder, 'secret.txt'), join(folder, 'page', 'link.txt'));
    await symlink(folder, join(folder, 'page', 'up'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is found below the folder', async () => {
    expect(await fileBelow(join(folder, 'page'), ['index.html'])).toBe(join(folder, 'page', 'index.html'));
  });

  it.each([[['link.txt']], [['up', 'secret.txt']], [['assets']], [['absent.js']]])(
    'is not found as %j',
    async (names) => {
      expect(await fileBelow(join(folder, 'page'), names)).toBeNull();
    },
  );
});
