import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultDataDir, openDataFolder } from '../../src-main/data-folder.ts';

let base = '';
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'butterfly-folder-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

/** Another process that opens the folder and holds it until it is killed. */
async function holder(folder: string) {
  const module = fileURLToPath(new URL('../../src-main/data-folder.ts', import.meta.url));
  const script = `const { openDataFolder } = await import(${JSON.stringify(module)});
    await openDataFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

describe('the data folder', () => {
  it('is created for its owner alone and left clean when released', async () => {
    const folder = await openDataFolder(join(base, 'a', 'b'));
    if (process.platform !== 'win32') expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
    await folder.release();
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('is refused while another process holds it, and taken over when that one was killed', async () => {
    const other = await holder(base);
    await expect(openDataFolder(base)).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      params: { path: base },
    });
    other.kill('SIGKILL');
    await once(other, 'exit');
    await (await openDataFolder(base)).release();
  });

  it('is refused to a second opening of the same process', async () => {
    const folder = await openDataFolder(base);
    await expect(openDataFolder(base)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
    await folder.release();
    await (await openDataFolder(base)).release();
  });

  it('is taken over when its lock was cut short by a crash', async () => {
    await writeFile(join(base, 'in-use.json'), '{"pid": 1');
    await (await openDataFolder(base)).release();
  });

  it.runIf(process.platform === 'linux')(
    'is taken over when the process id belongs to somebody else by now',
    async () => {
      const reused = { pid: process.ppid, startedAt: 'another boot 1', nonce: 'x' };
      await writeFile(join(base, 'in-use.json'), JSON.stringify(reused));
      await (await openDataFolder(base)).release();
    },
  );

  it('goes to one of many that start at once', async () => {
    await writeFile(
      join(base, 'in-use.json'),
      JSON.stringify({ pid: 2 ** 22 + 1, startedAt: null, nonce: 'dead' }),
    );
    const starts = await Promise.allSettled(Array.from({ length: 8 }, () => openDataFolder(base)));
    expect(starts.filter((start) => start.status === 'fulfilled')).toHaveLength(1);
  });

  it('that is a file is named as unwritable', async () => {
    await writeFile(join(base, 'file'), '');
    await expect(openDataFolder(join(base, 'file'))).rejects.toMatchObject({ code: 'PATH_IS_FILE' });
    await expect(openDataFolder(join(base, 'file', 'sub'))).rejects.toMatchObject({
      code: 'PATH_IS_FILE',
    });
  });

  it.each([
    ['linux', { XDG_DATA_HOME: '/x' }, join('/x', 'butterfly')],
    ['win32', { LOCALAPPDATA: '/local' }, join('/local', 'Butterfly')],
  ] as const)('lies where %s keeps such things', (platform, env, path) => {
    expect(defaultDataDir(env, platform)).toBe(path);
  });
});
