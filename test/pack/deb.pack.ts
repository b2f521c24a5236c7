import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences } from './packed-app.ts';

const run = promisify(execFile);
const hasDebian = process.platform === 'linux' && existsSync('/usr/bin/dpkg-deb');

describe.skipIf(!hasDebian)('the package for Debian', () => {
  let root: string;
  let file: string;
  const field = (name: string) => execFileSync('dpkg-deb', ['-f', file, name], { encoding: 'utf8' }).trim();
  beforeAll(async () => {
    const name = readdirSync('dist').find((each) => each.endsWith('.deb'));
    file = resolve('dist', name ?? 'there is none');
    root = await mkdtemp(join(tmpdir(), 'butterfly-root-'));
    execFileSync('dpkg-deb', ['-x', file, root]);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('says what it is and what it needs', () => {
    expect(field('Package')).toBe('butterfly');
    expect(field('Version')).toBe(
      JSON.parse(execFileSync('cat', ['package.json'], { encoding: 'utf8' })).version,
    );
    expect(field('Depends')).toContain('libgtk-3-0');
    expect(field('Recommends')).toContain('libvulkan1');
    expect(Number(field('Installed-Size'))).toBeGreaterThan(100_000);
    expect(field('Description')).toContain('language model');
  });

  it('holds what it should, all of it root’s', () => {
    const lines = execFileSync('dpkg-deb', ['-c', file], { encoding: 'utf8', maxBuffer: 1e8 })
      .trim()
      .split('\n');
    expect(lines.filter((line) => !/^\S+ root\/root /.test(line))).toEqual([]);
    // Writable for others, or with the rights of its owner, is nothing.
    expect(lines.filter((line) => /^.{8}w|^...[sS]|^.{6}[sS]/.test(line))).toEqual([]);
    const names = lines
      .filter((line) => line.startsWith('-'))
      .map((line) => line.split(/\s+/).slice(5).join(' ').slice(1));
    const outside = names.filter((name) => !name.startsWith('/opt/Butterfly/'));
    expect(differences('deb.txt', outside)).toEqual({ unexpected: [], missing: [] });
    for (const name of [
      'butterfly',
      'resources/app.asar',
      'resources/bin/butterfly',
      'resources/apparmor-profile',
    ])
      expect(names).toContain(`/opt/Butterfly/${name}`);
  });

  it('lets the app into user namespaces where a profile is asked for it', async () => {
    const profile = await readFile(join(root, 'opt/Butterfly/resources/apparmor-profile'), 'utf8');
    expect(profile).toContain('profile butterfly "/opt/Butterfly/butterfly"');
    expect(profile).toContain('userns,');
    const script = execFileSync('dpkg-deb', ['--ctrl-tarfile', file], { maxBuffer: 1e8 }).toString('utf8');
    expect(script).toContain('profile="$app/resources/apparmor-profile"');
    // No word of a template was left.
    expect(script).not.toMatch(/\$\{(?:executable|sanitizedProductName)\}/);
  });

  it('opens run profiles, and stands in the menu', async () => {
    const entry = await readFile(join(root, 'usr/share/applications/butterfly.desktop'), 'utf8');
    expect(entry).toMatch(/^Exec=\/opt\/Butterfly\/butterfly/m);
    expect(entry).toMatch(/^MimeType=.*application\/x-butterfly-run/m);
    const types = await readFile(join(root, 'usr/share/mime/packages/butterfly.xml'), 'utf8');
    expect(types).toContain('*.butterfly-run');
  });

  it('has a command for the terminal, which opens a window only where one can be seen', async () => {
    const command = join(root, 'usr/bin/butterfly');
    expect((await stat(command)).mode & 0o111).not.toBe(0);
    const env = { PATH: '/usr/bin:/bin', HOME: root };
    const said = async (words: string[], more = {}) =>
      (await run(command, words, { env: { ...env, ...more } }).catch((failed) => failed)) as {
        stdout: string;
        code?: number;
      };
    expect((await said(['--help'])).stdout).toMatch(/^.*butterfly/i);
    expect((await said(['--help'], { DISPLAY: ':9' })).stdout).toMatch(/practice/);
    const status = await said(['status', '--json', '--data-dir', join(root, 'data')]);
    expect(status.stdout + status.code).toMatch(/\S/);
    const standsIn =
      (await readFile(join(root, 'opt/Butterfly/butterfly'))).subarray(0, 2).toString() === '#!';
    if (!standsIn) return;
    const asked = 'A window was asked for:';
    expect((await said([], { DISPLAY: ':9' })).stdout).toBe(`${asked}\n`);
    expect((await said(['practice'], { WAYLAND_DISPLAY: 'wayland-0' })).stdout).toBe(`${asked}practice\n`);
    for (const words of [['status'], ['serve', '--help'], ['wallet', '--help']])
      expect((await said(words, { DISPLAY: ':9' })).stdout).not.toContain(asked);
  });
});
