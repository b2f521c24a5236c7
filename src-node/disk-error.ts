import { AppError } from '../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../src-shared/errors/catalogue.ts';

/** What a system call or SQLite reports, and what it means to a person. */
const meanings: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EFBIG: 'DISK_FULL',
  SQLITE_FULL: 'DISK_FULL',
  EACCES: 'DATA_DIR_UNWRITABLE',
  EPERM: 'DATA_DIR_UNWRITABLE',
  SQLITE_PERM: 'DATA_DIR_UNWRITABLE',
  SQLITE_READONLY: 'DATA_DIR_UNWRITABLE',
  SQLITE_CANTOPEN: 'DATA_DIR_UNWRITABLE',
  EROFS: 'DISK_READ_ONLY',
  EIO: 'DISK_FAILING',
  ENXIO: 'DISK_FAILING',
  ESTALE: 'DISK_FAILING',
  SQLITE_IOERR: 'DISK_FAILING',
  ENAMETOOLONG: 'PATH_TOO_LONG',
  ELOOP: 'PATH_LOOPS',
  EISDIR: 'PATH_IS_FOLDER',
  ENOTDIR: 'PATH_IS_FILE',
  EEXIST: 'PATH_IS_FILE',
  EMFILE: 'TOO_MANY_FILES',
  ENFILE: 'TOO_MANY_FILES',
  EBUSY: 'FILE_IN_USE',
  ENOTEMPTY: 'FILE_IN_USE',
  ETXTBSY: 'FILE_IN_USE',
  SQLITE_CORRUPT: 'DATABASE_DAMAGED',
  SQLITE_NOTADB: 'DATABASE_DAMAGED',
  SQLITE_BUSY: 'FILE_IN_USE',
  SQLITE_LOCKED: 'FILE_IN_USE',
};

/** A failure of the disk in our words; what is no such failure is returned unchanged. */
export function diskError(thrown: unknown, path: string): unknown {
  const code = (thrown as { code?: unknown } | null)?.code;
  if (typeof code !== 'string' || thrown instanceof AppError) return thrown;
  const meaning = meanings[code] ?? meanings[basicCode(code)];
  return meaning ? new AppError(meaning, { path }, thrown) : thrown;
}

/** The same for reading: what is forbidden there is the file, not the writing. */
export function readError(thrown: unknown, path: string): unknown {
  const code = (thrown as { code?: unknown } | null)?.code;
  if (code === 'EACCES' || code === 'EPERM') return new AppError('FILE_UNREADABLE', { path }, thrown);
  return diskError(thrown, path);
}

/** SQLite's extended codes carry the basic one in front: SQLITE_IOERR_FSYNC. */
const basicCode = (code: string): string => /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? code;
