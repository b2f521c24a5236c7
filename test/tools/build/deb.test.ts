import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildDeb, controlFile, readOrder } from '../../../tools/build/pack/deb.ts';

/** As electron-builder says it. */
const words = (file: string, folder: string) => [
  ...[
    '-s',
    'dir',
    '--force',
    '-t',
    'deb',
    '-d',
    'libnss3',
    '-d',
    'libgtk-3-0',
    '--deb-recommends',
    'libvulkan1',
  ],
  ...['--deb-compression', 'gz', '--architecture', 'amd64', '--after-install', join(folder, 'after.sh')],
  ...['--description', 'A title\n Its first line\n\nIts second', '--version', '1.2.3', '--package', file],
  ...[
    '--name',
    'butterfly',
    '--maintainer',
    'Somebody <s@b.invalid>',
    '--vendor',
    'Somebody',
    '--license',
    'MIT',
  ],
  ...[`${folder}/app/=/opt/An App`, `${folder}/icon.png=/usr/share/icons/a.png`],
];

describe('a package by dpkg-deb', () => {
  it('reads the order, and refuses what it does not know', () => {
    const order = readOrder(words('/tmp/a.deb', '/src'));
    expect(order).toMatchObject({
      file: '/tmp/a.deb',
      compression: 'gzip',
      scripts: { postinst: '/src/after.sh' },
    });
    expect(order.fields).toMatchObject({
      Package: 'butterfly',
      Depends: 'libnss3, libgtk-3-0',
      Recommends: 'libvulkan1',
    });
    expect(order.copies).toEqual([
      { from: '/src/app/', to: '/opt/An App' },
      { from: '/src/icon.png', to: '/usr/share/icons/a.png' },
    ]);
    expect(() => readOrder(['--epoch', '2'])).toThrow('--epoch');
    expect(() => readOrder(['--deb-compression', 'bzip2'])).toThrow('compression');
    expect(() => readOrder(['--name'])).toThrow('--name');
  });

  it('indents the text of a description', () => {
    expect(controlFile({ Package: 'b', Description: 'Title\n One\n\n Two' })).toBe(
      'Package: b\nDescription: Title\n One\n .\n Two\n',
    );
  });

  it.skipIf(!existsSync('/usr/bin/dpkg-deb'))('is one that Debian’s tools read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'butterfly-deb-test-'));
    try {
      await mkdir(join(folder, 'app', 'inner'), { recursive: true });
      await writeFile(join(folder, 'app', 'inner', 'run'), 'run', { mode: 0o700 });
      for (const name of ['after.sh', 'icon.png'])
        await writeFile(join(folder, name), '#!/bin/sh\n', { mode: 0o600 });
      const file = join(folder, 'a.deb');
      // Even of somebody who lets nobody else read what they write.
      const before = process.umask(0o077);
      try {
        buildDeb(readOrder(words(file, folder)));
      } finally {
        process.umask(before);
      }
      const ask = (...asked: string[]) => execFileSync('dpkg-deb', asked, { encoding: 'utf8' });
      expect(ask('-f', file, 'Version').trim()).toBe('1.2.3');
      const lines = ask('-c', file).split('\n');
      expect(lines.find((line) => line.endsWith('./opt/An App/inner/run'))).toMatch(/^-rwxr-xr-x root\/root/);
      expect(lines.find((line) => line.endsWith('./usr/share/icons/a.png'))).toMatch(
        /^-rw-r--r-- root\/root/,
      );
      const control = execFileSync('dpkg-deb', ['--ctrl-tarfile', file]).toString('latin1');
      expect(
        execFileSync('tar', ['-tv'], { input: Buffer.from(control, 'latin1'), encoding: 'utf8' }),
      ).toMatch(/^-rw-r--r-- .* \.\/md5sums$/m);
      expect(control).toMatch(/[0-9a-f]{32} {2}opt\/An App\/inner\/run/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
