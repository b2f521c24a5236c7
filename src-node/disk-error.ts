import { AppError } from '../src-shared/errors/app-error.ts';

const full = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);
const refused = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
]);

/** A failure of the disk in our words; what is no such failure is returned unchanged. */
export function diskError(thrown: unknown, path: string): unknown {
  const code = (thrown as { code?: unknown } | null)?.code;
  if (typeof code !== 'string' || thrown instanceof AppError) return thrown;
  if (full.has(code)) return new AppError('DISK_FULL', { path }, thrown);
  if (refused.has(code)) return new AppError('DATA_DIR_UNWRITABLE', { path }, thrown);
  return thrown;
}

/** The same for reading: what is forbidden there is the file, not the writing. */
export function readError(thrown: unknown, path: string): unknown {
  const code = (thrown as { code?: unknown } | null)?.code;
  if (code === 'EACCES' || code === 'EPERM') return new AppError('FILE_UNREADABLE', { path }, thrown);
  return diskError(thrown, path);
}
