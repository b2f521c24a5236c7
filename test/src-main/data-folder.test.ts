import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFormat, formatSteps, migrateFormat } from '../../src-main/data-folder/format.ts';
import { checkLength, placeOf } from '../../src-main/data-folder/place.ts';
import { defaultDataDir, openDataFolder, runFolder } from '../../src-main/data-folder.ts';
import { APP_VERSION } from '../../src-main/version.ts';
import { checkedText } from '../../src-node/durable-json.ts';
import { encodeIdentityField } from '../../src-shared/rounds/identity-field.ts';
import { hex } from '../../src-shared/units.ts';

let base = '';
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'butterfly-folder-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

/** Another process that opens the folder and holds it until it is killed. */
async function holder(folder: string, before: readonly string[] = []) {
  const module = fileURLToPath(new URL('../../src-main/data-folder.ts', import.meta.url));
  const script = `const { openDataFolder } = await import(${JSON.stringify(module)});
    await openDataFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 60_000);`;
  const [command = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', script];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
const canUnshare =
  asRoot &&
  spawnSync('unshare', ['--pid', '--fork', '--kill-child', 'true'], { timeout: 10_000 }).status === 0;

/** A disk of its own below `base`, for a test as root; null where none may be mounted. */
async function mounted(options: string): Promise<{ path: string; unmount(): void } | null> {
  const path = join(base, 'disk');
  await mkdir(path);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  return status === 0 ? { path, unmount: () => void spawnSync('umount', [path]) } : null;
}

describe('the data folder', () => {
  it('is created for its owner alone, and released without a word of who had it', async () => {
    const folder = await openDataFolder(join(base, 'a', 'b'));
    if (process.platform !== 'win32') expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
    expect(folder.notices).toEqual([]);
    await folder.release();
    expect(await readdir(folder.path)).not.toContain('in-use.json');
  });

  it('is refused while another process holds it, saying which, and taken over when that one was killed', async () => {
    const other = await holder(base);
    await expect(openDataFolder(base)).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      params: { path: base, pid: other.pid, host: hostname() },
    });
    other.kill('SIGKILL');
    await once(other, 'exit');
    await (await openDataFolder(base)).release();
  });

  it.skipIf(!canUnshare)(
    'is refused while a process that cannot be seen from here holds it (another pid namespace)',
    async () => {
      const other = await holder(base, ['unshare', '--pid', '--fork', '--kill-child']);
      await expect(openDataFolder(base)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
      other.kill('SIGKILL');
      await once(other.stdout, 'close');
      await (await openDataFolder(base)).release();
    },
  );

  it('is refused to a second opening of the same process', async () => {
    const folder = await openDataFolder(base);
    await expect(openDataFolder(base)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
    await folder.release();
    await (await openDataFolder(base)).release();
  });

  it.each([
    ['cut short by a crash', '{"pid": 1'],
    [
      'of a process that lives and never said since when',
      `{"pid":${process.ppid},"startedAt":null,"nonce":"x"}`,
    ],
    ['of this very process id', `{"pid":${process.pid},"startedAt":null,"nonce":"x"}`],
  ])('is not held by a note that is left there, %s', async (_title, text) => {
    await writeFile(join(base, 'in-use.json'), text);
    await (await openDataFolder(base)).release();
  });

  it('goes to one of many that start at once', async () => {
    const starts = await Promise.allSettled(Array.from({ length: 8 }, () => openDataFolder(base)));
    expect(starts.filter((start) => start.status === 'fulfilled')).toHaveLength(1);
  });

  it('whose lock file is something else is refused, and nothing is written into it', async () => {
    await writeFile(join(base, 'in-use.lock'), 'not a database, and long enough to have a header'.repeat(40));
    await expect(openDataFolder(base)).rejects.toMatchObject({ code: 'LOCK_UNUSABLE' });
    expect(await readFile(join(base, 'in-use.lock'), 'utf8')).toContain('not a database');
  });
});

describe('a place that cannot be a data folder', () => {
  it.each([
    ['a file', 'PATH_IS_FILE', (at: string) => join(at, 'file')],
    ['below a file', 'PATH_IS_FILE', (at: string) => join(at, 'file', 'sub')],
    ['a link to nothing', 'PATH_DANGLES', (at: string) => join(at, 'dangling')],
    ['below a link to nothing', 'PATH_DANGLES', (at: string) => join(at, 'dangling', 'sub')],
    ['a circle of links', 'PATH_LOOPS', (at: string) => join(at, 'ring')],
    ['a name over 255 characters', 'PATH_TOO_LONG', (at: string) => join(at, 'n'.repeat(256))],
    ['a path too long for the files below it', 'PATH_TOO_LONG', (at: string) => join(at, 'n/'.repeat(200))],
  ])('%s: %s', async (_title, code, path) => {
    await writeFile(join(base, 'file'), '');
    await symlink(join(base, 'nowhere'), join(base, 'dangling'));
    await symlink('ring', join(base, 'ring'));
    await expect(openDataFolder(path(base))).rejects.toMatchObject({ code });
  });

  it.each(['', '  ', '~somebody/data', 'nul\0byte'])('%j is none', async (given) => {
    await expect(openDataFolder(given)).rejects.toMatchObject({ code: 'DATA_DIR_INVALID' });
  });

  it.runIf(process.platform === 'linux').each(['/proc/butterfly', '/proc/a/b/c', '/sys/butterfly'])(
    '%s is refused at once',
    async (path) => {
      await expect(openDataFolder(path)).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:DATA_DIR_INVALID|DATA_DIR_UNWRITABLE|DISK_READ_ONLY)$/),
      });
    },
  );

  it.runIf(process.platform !== 'win32')('a system that gives out too few files has a sentence', () => {
    const open = `import('${new URL('../../src-main/data-folder.ts', import.meta.url)}')
      .then(({ openDataFolder }) => openDataFolder(process.argv[1]))
      .catch(({ code }) => console.log(code));`;
    const started = spawnSync('sh', [
      '-c',
      `ulimit -n 64 && exec "$0" "$@"`,
      process.execPath,
      '-e',
      open,
      base,
    ]);
    expect(started.stdout.toString().trim()).toBe('TOO_MANY_FILES');
  });

  it('on Windows is one whose files would pass its path limit', () => {
    expect(() => checkLength(`C:\\${'n'.repeat(150)}`, 'win32')).toThrow('PATH_TOO_LONG');
    checkLength(`/${'n'.repeat(150)}`, 'linux');
  });
});

describe.skipIf(!asRoot)('a disk without room (needs root: mounts a small one)', () => {
  it.each([
    ['24 KB left', 'size=24k', 'DISK_FULL'],
    ['8 files left', 'nr_inodes=8,size=64m', 'DISK_FILES_SPENT'],
    ['mounted read-only', 'ro', 'DISK_READ_ONLY'],
  ])('%s is named before anything is made', async (_title, options, code) => {
    const disk = await mounted(options);
    if (!disk) return console.log('skipped: this system lets nobody mount a disk here');
    try {
      await expect(openDataFolder(disk.path)).rejects.toMatchObject({ code });
      expect(await readdir(disk.path)).toEqual([]);
      await expect(openDataFolder(join(disk.path, 'below'))).rejects.toMatchObject({ code });
    } finally {
      disk.unmount();
    }
  });
});

describe('the place', () => {
  it.each([
    ['linux', { XDG_DATA_HOME: '/x' }, join('/x', 'butterfly')],
    ['linux', { XDG_DATA_HOME: '', HOME: '/h' }, '/h/.local/share/butterfly'],
    ['linux', { XDG_DATA_HOME: 'relative', HOME: '/h' }, '/h/.local/share/butterfly'],
    ['linux', { HOME: '' }, join(homedir(), '.local/share/butterfly')],
    ['linux', { HOME: 'relative' }, join(homedir(), '.local/share/butterfly')],
    ['darwin', { HOME: '/h' }, '/h/Library/Application Support/Butterfly'],
    ['win32', { LOCALAPPDATA: '/local' }, join('/local', 'Butterfly')],
  ] as const)('lies where %s keeps such things: %j', (platform, env, path) => {
    expect(defaultDataDir(env, platform)).toBe(path);
  });

  it.each([
    ['~', '/h'],
    ['~/butterfly', '/h/butterfly'],
    ['/a/~/b', '/a/~/b'],
    ['relative', join(process.cwd(), 'relative')],
  ])('%s means what a shell would make of it', (given, path) => {
    expect(placeOf(given, { HOME: '/h' })).toBe(path);
  });
});

describe('a folder of before runs had places of their own', () => {
  const hotkey = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
  const old = () => join(base, 'runs', hotkey);
  const identity = Buffer.from(
    encodeIdentityField({ tag: hex('0123456789abcdef'), peerKey: hex('ee'.repeat(32)) }),
  ).toString('hex');

  async function past(files: Readonly<Record<string, unknown>>): Promise<void> {
    await mkdir(join(old(), 'model'), { recursive: true });
    for (const [name, value] of Object.entries(files)) await writeFile(join(old(), name), checkedText(value));
    await (await openDataFolder(base)).release();
  }

  it('moves to the run and chain that its own files name', async () => {
    await past({ 'registration.json': { genesisHash: 'ab'.repeat(32) }, 'commitment.json': { identity } });
    expect(await readdir(join(base, 'runs'))).toEqual(['0123456789abcdef-abababab']);
    const place = { hotkey, runTag: hex('0123456789abcdef'), genesisHash: hex('ab'.repeat(32)) };
    const kept = ['commitment.json', 'model', 'registration.json'];
    expect((await readdir(await runFolder(base, place))).sort()).toEqual(kept);
  });

  it('stays where it is when they do not say', async () => {
    await past({ 'registration.json': { genesisHash: 'ab'.repeat(32) } });
    expect((await readdir(old())).sort()).toEqual(['model', 'registration.json']);
  });
});

describe('the format of a data folder', () => {
  const none = () => expect.unreachable();
  const format = async () => JSON.parse(await readFile(join(base, 'format.json'), 'utf8')).value;
  const migrated: string[] = [];
  const step = (name: string) => ({
    practice: 'goes-on' as const,
    migrate: async () => void migrated.push(name),
  });

  it('is written at the first start, and one of before the number goes on', async () => {
    await writeFile(join(base, 'chosen.json'), '{"run":"practice"}');
    await (await openDataFolder(base)).release();
    expect(await format()).toEqual({ format: formatSteps.length, version: APP_VERSION });
    expect(await readFile(join(base, 'chosen.json'), 'utf8')).toBe('{"run":"practice"}');
  });

  it('of a newer version is refused before anything is touched', async () => {
    await writeFile(join(base, 'format.json'), '{"format":99}');
    await expect(openDataFolder(base)).rejects.toMatchObject({
      code: 'DATA_DIR_NEWER',
      params: { found: 99, known: formatSteps.length },
    });
    expect(await readdir(base)).toEqual(['format.json']);
    expect(await readFile(join(base, 'format.json'), 'utf8')).toBe('{"format":99}');
  });

  it('is led on step by step, each once', async () => {
    await migrateFormat(base, none, [step('a'), step('b')]);
    await migrateFormat(base, none, [step('a'), step('b'), step('c')]);
    expect(migrated.splice(0)).toEqual(['a', 'b', 'c']);
    expect(await format()).toEqual({ format: 3 });
  });

  it('goes on with the step at which it was interrupted', async () => {
    const failing = { practice: 'goes-on' as const, migrate: () => Promise.reject(new Error('power cut')) };
    await expect(migrateFormat(base, none, [step('a'), failing])).rejects.toThrow('power cut');
    expect(await format()).toEqual({ format: 1 });
    await migrateFormat(base, none, [step('a'), step('b')]);
    expect(migrated.splice(0)).toEqual(['a', 'b']);
  });

  it('that ends a practice says so while nothing was touched, and only where there is one', async () => {
    const steps = [{ practice: 'starts-over' as const }];
    await mkdir(join(base, 'practice'));
    await expect(checkFormat(base, steps)).rejects.toMatchObject({ code: 'PRACTICE_STARTS_OVER' });
    expect(await readdir(base)).toEqual(['practice']);
    await rm(join(base, 'practice'), { recursive: true });
    await migrateFormat(base, none, steps);
    expect(await format()).toEqual({ format: 1 });
  });
});
