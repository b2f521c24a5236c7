import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diskError, readError } from '../../src-node/disk-error.ts';
import { renamePatiently, replaceFile } from '../../src-node/durable.ts';
import { AppError, describeError, toCodedError } from '../../src-shared/errors/app-error.ts';

const failing = (code: string) => Object.assign(new Error(code), { code });

describe('a failure of the disk', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['SQLITE_FULL', 'DISK_FULL'],
    ['EACCES', 'DATA_DIR_UNWRITABLE'],
    ['SQLITE_READONLY_DBMOVED', 'DATA_DIR_UNWRITABLE'],
    ['EROFS', 'DISK_READ_ONLY'],
    ['EIO', 'DISK_FAILING'],
    ['SQLITE_IOERR_FSYNC', 'DISK_FAILING'],
    ['ENAMETOOLONG', 'PATH_TOO_LONG'],
    ['ELOOP', 'PATH_LOOPS'],
    ['EMFILE', 'TOO_MANY_FILES'],
    ['ENFILE', 'TOO_MANY_FILES'],
    ['ENOTEMPTY', 'FILE_IN_USE'],
    ['EBUSY', 'FILE_IN_USE'],
    ['EISDIR', 'PATH_IS_FOLDER'],
    ['ENOTDIR', 'PATH_IS_FILE'],
  ])('%s reads %s, with the path in its sentence', (errno, code) => {
    const error = toCodedError(diskError(failing(errno), '/data'));
    expect(error.code).toBe(code);
    expect(describeError(error).sentence).toContain('/data');
  });

  it('of another kind stays what it is', () => {
    const error = new RangeError('no disk involved');
    expect(diskError(error, '/data')).toBe(error);
    const ours = new AppError('CANCELLED');
    expect(diskError(ours, '/data')).toBe(ours);
  });

  it('tells a file that may not be read from a folder that may not be written', () => {
    expect(readError(failing('EACCES'), '/data')).toMatchObject({ code: 'FILE_UNREADABLE' });
    expect(readError(failing('EIO'), '/data')).toMatchObject({ code: 'DISK_FAILING' });
  });
});

describe.runIf(process.platform === 'linux')('a real system', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'butterfly-disk-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['a name over 255 characters', 'PATH_TOO_LONG', (at: string) => join(at, 'n'.repeat(256))],
    ['a path over 4,096 characters', 'PATH_TOO_LONG', (at: string) => join(at, 'n/'.repeat(2_100))],
    ['links that lead in a circle', 'PATH_LOOPS', (at: string) => join(at, 'ring', 'x')],
    ['a file above', 'PATH_IS_FILE', (at: string) => join(at, 'file', 'x')],
    ['a folder in its place', 'PATH_IS_FOLDER', (at: string) => join(at, 'folder')],
  ])('%s reads %s', async (_title, code, path) => {
    await symlink('ring', join(folder, 'ring'));
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'folder'));
    await expect(replaceFile(path(folder), 'x')).rejects.toMatchObject({ code });
  });
});

describe('renaming on Windows', () => {
  const platform = 'win32';

  it('is tried again while a scanner holds the file', async () => {
    const says = ['EBUSY', 'EPERM', 'EACCES'];
    const rename = async () => {
      const code = says.shift();
      if (code) throw failing(code);
    };
    await renamePatiently('a', 'b', { platform, rename });
    expect(says).toEqual([]);
  });

  it('gives up in the end and says that another program holds the file', async () => {
    const rename = () => Promise.reject(failing('EPERM'));
    await expect(renamePatiently('a', 'b', { platform, rename })).rejects.toMatchObject({
      code: 'FILE_IN_USE',
      params: { path: 'b' },
    });
  });

  it('is not tried again for another reason, nor on other systems', async () => {
    let tries = 0;
    const rename = (code: string) => () => {
      tries++;
      return Promise.reject(failing(code));
    };
    await expect(renamePatiently('a', 'b', { platform, rename: rename('ENOENT') })).rejects.toThrow('ENOENT');
    await expect(renamePatiently('a', 'b', { platform: 'linux', rename: rename('EPERM') })).rejects.toThrow();
    expect(tries).toBe(2);
  });
});
